# The program around the commands: JSON anywhere, pipes, scripts, quiet ends.
core leaky

$ ouro $CORE types --json -n 1
@ len(rows) == 1 and summary["truncated"]

# A unique beginning of a command or an option is enough.
$ ouro --json $CORE typ --lim 1
@ summary["command"] == "types" and len(rows) == 1

# A reader that goes away is no error.
$ ouro --json $CORE export | head -n 1 | wc -l; echo ${PIPESTATUS[0]}
  1
  0

# A script: comments, empty lines, the last object, a failure that does not end it.
$ printf '# comment\n\nobject sys.modules\nreferents $ -n 1\nnothing\ntypes -n 1\nquit\ninfo\n' | ouro --json -i $CORE | grep -c summary; echo ${PIPESTATUS[1]}
  3
  1
! ouro: no command nothing; `help` lists them

$ printf 'types -n 1\n' | ouro -i $CORE
  type * count * object
  str *

$ printf "object 'shop\n" | ouro -i $CORE
! ouro: unbalanced ' quote
? 1

# What may be hostile: no gdb, no cache, no file by a name of the target's but below --sysroot.
$ ouro --untrusted $CORE info
! ouro: *which the target ran, is not here; say where it is with --exe or --sysroot*
? 1

$ mkdir -p $TMP/outside; ln -s / $TMP/outside/usr; ouro --untrusted --sysroot $TMP/outside $CORE info
! ouro: *which the target ran, is not here*
? 1

$ ouro --untrusted --sysroot / $CORE info | grep -c 'layout_source *table'
  1

$ ouro --untrusted --gdb $CORE
! ouro: --untrusted cannot be used with --gdb*
? 2

# What was learned is kept, listed and forgotten.
$ export XDG_CACHE_HOME=$TMP/cache-of-our-own; ouro cache list; ouro --no-cache $CORE types -n 1 >/dev/null; ouro cache list; mkdir -p $TMP/cache-of-our-own/ouro/layouts; : >$TMP/cache-of-our-own/ouro/layouts/abc.layout; ouro cache list; ouro cache clear; ouro cache list
  0 files kept
  0 files kept
  abc.layout * 0 bytes
  1 file removed
  0 files kept

# Progress and timing go to stderr, and only when asked for.
$ ouro --progress $CORE types -n 1 2>&1 >/dev/null | head -n 1
  ouro: *

$ OURO_TIMING=1 ouro $CORE objects --garbage -n 1 2>&1 >/dev/null | grep -v -c '^ouro: timing: [a-z_]* [0-9.]* [0-9]* [0-9]*$'
  0
? 1

# Control codes of the target come as text.
$ ouro $CORE objects | tr -d '\040-\176\200-\377\n' | wc -c
  0

# Completion for shells, out of the same tables.
$ for shell in bash zsh fish; do ouro --completion $shell | grep -c -e "dominated"; done
  *
  *
  *
$ ouro --completion bash | bash -n && echo sound
  sound
$ bash -c 'eval "$(ouro --completion bash)"; COMP_WORDS=(ouro some.core ty); COMP_CWORD=2; _ouro; echo "${COMPREPLY[@]}"'
  types
$ bash -c 'eval "$(ouro --completion bash)"; COMP_WORDS=(ouro -p 42 types --min); COMP_CWORD=4; _ouro; echo "${COMPREPLY[@]}"'
  --min-size
$ bash -c 'eval "$(ouro --completion bash)"; COMP_WORDS=(ouro some.core types --by o); COMP_CWORD=4; _ouro; echo "${COMPREPLY[@]}"'
  owner
$ bash -c 'eval "$(ouro --completion bash)"; COMP_WORDS=(ouro some.core objects -n 5 --sort -b); COMP_CWORD=6; _ouro; echo "${COMPREPLY[@]}"'
  -bytes
$ bash -c 'eval "$(ouro --completion bash)"; COMP_WORDS=(ouro some.core types -g p); COMP_CWORD=4; _ouro; echo "${COMPREPLY[@]}"'
  permanent
$ ouro --completion fish | grep -c -e "from types' -l by -x -a 'type module package generation owner"; ouro --completion zsh | grep -c "'types --by') compadd -- type module package generation owner"
  1
  1
# What is offered is taken.
$ for what in types diff blocks retained; do for by in $(ouro --completion bash | sed -n "s/.*'$what --by').*-W ' \([^']*\)'.*/\1/p"); do ouro $CORE $what $(test $what = diff && echo $CORE) --by $by -n 1 2>&1 | grep -h -e "--by" | grep -v -e trac -e alloc; echo $what $by; done; done | wc -l
  23
$ ouro --completion tcsh
! ouro: --completion takes bash, zsh or fish, not 'tcsh'
? 2

# A script in a file, which may be a program; a failure does not end it, and its status tells.
$ printf '#!/usr/bin/env -S ouro -x\n# the greatest\ntypes -n 1\ninfo\nquit\nnothing\n' >$TMP/script; ouro --json -x $TMP/script $CORE | grep -c summary
  2
$ printf 'findings --fail-on high\n' >$TMP/ci; ouro -q -x $TMP/ci $CORE >/dev/null
? 3
$ printf 'nothing\nfindings --fail-on high\n' >$TMP/ci; ouro -q -x $TMP/ci $CORE >/dev/null
! ouro: no command nothing; `help` lists them
? 1
$ ouro -x $TMP/no-script $CORE
! ouro: */no-script: No such file or directory
? 1
$ ouro -x $TMP/script $CORE types
! ouro: -x takes a target and nothing else, not 'types'
? 2

# Every question of a script has one last line, also where it cannot be answered.
$ printf 'types -n 1\nnothing\nobject app.nowhere\ntypes --bad\n' | ouro --json -i $CORE 2>/dev/null | python3 -c 'import json, sys; ends = [row for row in map(json.loads, sys.stdin) if "summary" in row or "error" in row]; print([row["error"]["status"] if "error" in row else 0 for row in ends], ends[2]["error"]["command"])'
  [0, 2, 1, 2] object

# On a terminal the progress line is gone before the first row. It is drawn by the clock: test_report.c has the order.
$ for i in 1 2 3; do $SOURCE/tests/cmd/terminal 200 ouro --color never $CORE threads -n 1; done | sed 's/\r\x1b\[K/\n/g' | grep -a -c '^thread  *depth'
  3

# Threads: a number, and answers that do not depend on it (more: tests/heap/threads).
$ ouro --threads 2 $CORE types -n 1
  type *
  * *
$ ouro --threads 0 $CORE types
! ouro: --threads takes a number from 1 to 8, not '0'
? 2

# One object instead of lines: what info and object tell are its members.
$ ouro -q --json-object $CORE info | python3 -c 'import json, sys; o = json.load(sys.stdin); print(o["target"]["kind"], o["gc"]["enabled"], o["generation 2"]["objects"] > 0, o["summary"]["command"])'
  core False True info
$ ouro -q $CORE object gc.garbage --json-object | python3 -c 'import json, sys; o = json.load(sys.stdin); print(o["type"], o["root"], o["summary"]["truncated"])'
  list gc.garbage False
$ ouro -q --json-object $CORE types -n 2 | python3 -c 'import json, sys; o = json.load(sys.stdin); print(len(o["rows"]), o["summary"]["rows"], o["rows"][0]["type"])'
  2 2 str
$ ouro -q --json-object $CORE objects | python3 -c 'import json, sys; o = json.load(sys.stdin); print(len(o["rows"]) == o["summary"]["rows"] > 100000)'
  True
$ printf 'object gc.garbage --json-object\ntypes -n 1\n' | ouro -q -i $CORE | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["type"], sys.stdin.readline().split()[0])'
  list type
# Members that come more than once are an array.
$ ouro -q --json-object $CORE object None | python3 -c 'import json, sys; o = json.load(sys.stdin); print(type(o["root"]).__name__)'
  *
