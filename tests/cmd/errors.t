# One sentence and exit 1 for what cannot be answered, exit 2 for words that are off.
core leaky

$ ouro $TMP/nothing
! ouro: */nothing: No such file or directory
? 1
$ ouro /etc/passwd
! ouro: /etc/passwd: not an ELF file
? 1
$ : >$TMP/empty; ouro $TMP/empty
! ouro: */empty: *
? 1
$ ouro $TMP
! ouro: *
? 1
$ ouro /bin/sh
! ouro: /bin/sh: *not a core*
? 1
# What it is instead, where its first bytes tell.
$ printf 'MDMP\223\247\0\0more' >$TMP/other; ouro $TMP/other
! ouro: */other: a minidump (of Windows, Breakpad or Crashpad): ouro reads ELF cores of Linux
? 1
$ printf 'PAGEDU64more' >$TMP/other; ouro $TMP/other
! ouro: */other: a memory dump of Windows: ouro reads ELF cores of Linux
? 1
$ printf '\317\372\355\376\007\0\0\001' >$TMP/other; ouro $TMP/other
! ouro: */other: a Mach-O file (of macOS): ouro reads ELF cores of Linux
? 1
$ { printf MZ; head -c 58 /dev/zero; printf '\100\0\0\0PE\0\0'; } >$TMP/other; ouro $TMP/other
! ouro: */other: a program or a library of Windows (PE): ouro reads ELF cores of Linux
? 1
$ printf 'MZ is how this text begins, which is no program of any system whatsoever' >$TMP/other; ouro $TMP/other
! ouro: */other: not an ELF file
? 1
$ { printf '\177ELF\001\001\001'; head -c 9 /dev/zero; printf '\002\0'; head -c 60 /dev/zero; } >$TMP/other; ouro $TMP/other
! ouro: */other: a 32-bit ELF file that is not a core either, which ouro does not read: it reads 64-bit ones
? 1
# The first kilobyte, the first megabyte of a core.
$ head -c 1000 $CORE >$TMP/short; ouro $TMP/short
! ouro: *
? 1
$ head -c 1000000 $CORE >$TMP/short; ouro $TMP/short
! ouro: *
? 1
# Half of one: it opens, or says why not, and does not crash.
$ head -c $(($(stat -c %s $CORE) / 2)) $CORE >$TMP/half; ouro -q $TMP/half types >/dev/null 2>&1; test $? -le 1 && echo fine
  fine
# A core that nobody may read (root may read all).
$ cp $CORE $TMP/locked; chmod 0 $TMP/locked; test -r $TMP/locked && echo "ouro: $TMP/locked: Permission denied" >&2 && exit 1; ouro $TMP/locked
! ouro: */locked: Permission denied
? 1

$ ouro
! ouro: no target: give a core file, or -p PID; `ouro --help` tells more
? 2
$ ouro --nothing $CORE
! ouro: no option --nothing; `ouro --help` lists them
? 2
$ ouro -Z $CORE
! ouro: no option -Z; `ouro --help` lists them
? 2
$ ouro --json=1 $CORE
! ouro: --json=1 takes no value
? 2
$ ouro --exe
! ouro: --exe needs a value
? 2
$ ouro -p x
! ouro: --pid takes a process id, not 'x'
? 2
$ ouro --color sometimes $CORE
! ouro: --color takes auto, always or never, not 'sometimes'
? 2
$ ouro --hold $CORE
! ouro: --hold needs a process: -p PID
? 2
$ ouro $CORE nothing
! ouro: no command nothing; `help` lists them
? 2
$ ouro $CORE types --nothing
! ouro: types: no option --nothing; `help types` lists them
? 2
$ ouro $CORE types -n many
! ouro: types: --limit takes a number, not 'many'
? 2
$ ouro $CORE object
! ouro: object: missing argument; usage: object OBJ
? 2
$ ouro $CORE info too many
! ouro: info: one argument too many: 'too'; usage: *
? 2
$ ouro $CORE object local x in main
! ouro: object: one argument too many: 'x' (quote a name that has spaces); usage: *
? 2

# A limit of the shell is in the way: a sentence, no signal, and no half of a file.
$ ulimit -f 8; ouro -q $CORE save $TMP/limited; rc=$?; test -e $TMP/limited && echo left; exit $rc
! ouro: */limited: File too large (the limit is that of `ulimit -f`, or the file system's)
? 1
$ ulimit -f 8; ouro -q $CORE objects -n 0 >$TMP/limited
! ouro: writing the answer: File too large*
? 1
$ ulimit -Ss 128; ouro -q $CORE types -n 1 >/dev/null 2>&1 && echo fine
  fine
$ ulimit -s 128; ouro -q $CORE types -n 1 >/dev/null 2>$TMP/said || grep -c 'the stack may grow to 128 KiB only (ulimit -s): ouro needs 512' $TMP/said >/dev/null && echo fine
  fine
$ mkdir $TMP/gone; cd $TMP/gone; rmdir $TMP/gone; ouro -q $CORE types -n 1 >/dev/null && echo fine
  fine

# A layout that is none.
$ ouro --layout /etc/passwd $CORE info
! ouro: *
? 1
$ ouro --layout $TMP/nothing $CORE info
! ouro: *No such file or directory
? 1
# The wrong program file: refused in one sentence, or opened without it.
$ ouro -q -e /bin/true $CORE info >/dev/null 2>&1; test $? -le 1 && echo fine
  fine
$ ouro -p 4194304
! ouro: *
? 1

# Of a program that is not Python: `core` of a shell that waits.
$ ouro $NOPYTHON
! ouro: *Python*
? 1

# Words of the command line come back without what would turn or clear a terminal.
$ ouro $CORE "$(printf 'ty\342\200\256pes\033[2J\377')"
? 2
! ouro: no command ty???pes?[2J?; *

# What was probably meant: of commands, their options and columns, and the program's options. One line.
$ ouro $CORE tyeps
! ouro: no command tyeps; did you mean types?
? 2
$ ouro $CORE types --limt 3
! ouro: types: no option --limt; did you mean --limit?
? 2
$ ouro $CORE types --sort cuont
! ouro: types: no column cuont; did you mean count?
? 2
$ ouro --jsn $CORE
! ouro: no option --jsn; did you mean --json?
? 2
$ ouro help findngs
! ouro: no command findngs; did you mean findings?
? 1

# A command without a target says how; a file of that name is a target.
$ ouro types -n 5
! ouro: types needs a target before it: ouro CORE types, or ouro -p PID types; `ouro help types` tells more
? 2
$ cd $TMP; : >types; ouro types; status=$?; rm types; exit $status
! ouro: types: *
? 1

# What was probably meant: a command, a type, a name.
$ ouro fnidings
? 2
! ouro: fnidings: no such file; did you mean the command findings? It has a target before it: ouro CORE findings
$ ouro $CORE objects -t Ordr
? 1
! ouro: no type Ordr; did you mean shop.orders.Order?
$ ouro $CORE objects -t shop.order.Order
? 1
! ouro: no type shop.order.Order; did you mean shop.orders.Order?
$ ouro $CORE object shop.sessions.PAGE_CASHE
? 1
! ouro: shop.sessions.PAGE_CASHE: no .PAGE_CASHE in shop.sessions; did you mean PAGE_CACHE?
$ ouro $CORE object shop.sesions.PAGE_CACHE
? 1
! ouro: shop.sesions.PAGE_CACHE: *; did you mean sessions?
$ ouro $CORE object shp
? 1
! ouro: shp: no module or global of that name; did you mean shop?
