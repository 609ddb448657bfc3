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
! ouro: no target: give a core file, or -p and the number of a process
! ouro: `ouro --help` lists options and commands
? 2
$ ouro --nothing $CORE
! ouro: no option --nothing
! ouro: `ouro --help` lists options and commands
? 2
$ ouro -Z $CORE
! ouro: no option -Z
! ouro: `ouro --help` lists options and commands
? 2
$ ouro --json=1 $CORE
! ouro: --json=1 takes no value
! ouro: `ouro --help` lists options and commands
? 2
$ ouro --exe
! ouro: --exe wants a value
! ouro: `ouro --help` lists options and commands
? 2
$ ouro -p x
! ouro: --pid takes the number of a process, not 'x'
! ouro: `ouro --help` lists options and commands
? 2
$ ouro --color sometimes $CORE
! ouro: --color takes auto, always or never, not 'sometimes'
! ouro: `ouro --help` lists options and commands
? 2
$ ouro --hold $CORE
! ouro: --hold is for a process: give one with -p
! ouro: `ouro --help` lists options and commands
? 2
$ ouro $CORE nothing
! ouro: no command nothing; `help` lists them
! ouro: `ouro --help` lists options and commands
? 2
$ ouro $CORE types --nothing
! ouro: types: no option --nothing; `help types` lists them
! ouro: `ouro --help` lists options and commands
? 2
$ ouro $CORE types -n many
! ouro: types: --limit takes a number, not 'many'
! ouro: `ouro --help` lists options and commands
? 2
$ ouro $CORE object
! ouro: object: something is missing; usage: object OBJ
! ouro: `ouro --help` lists options and commands
? 2
$ ouro $CORE info too many
! ouro: info: one word too many: 'too'; usage: *
! ouro: `ouro --help` lists options and commands
? 2

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
! ouro: *options and commands
