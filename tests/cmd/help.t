# Help, out of the table.
core leaky

$ ouro $CORE help
  command * usage * summary
  info * the target*
  findings *
  types * [-t TYPE]*
  ...
  collect *
  ...
  help * [COMMAND] *

$ ouro --json $CORE help
@ {"info", "types", "objects", "object", "referents", "referrers", "collect", "cycles", "export", "verify", "help"} <= {row["command"] for row in rows}
@ all(row["summary"] for row in rows)

$ ouro $CORE help cycles
  command * usage * summary
  cycles * [--garbage * reference cycles*
  ...
  option * -n, --limit N * at most N rows
  option * --columns NAME,... * only these columns, in this order
  option * --wide * all columns in full*
  column * cycle *
  ...
  example * cycles*

$ ouro $CORE help nothing
! ouro: no command nothing; `help` lists them
? 1

# Without a target, too.
$ ouro help | head -n 2
  command * usage * summary
  info * the target*
$ ouro help cycles
  command * usage * summary
  cycles * [--garbage * reference cycles*
  ...
$ ouro --json help types
@ rows[0]["command"] == "types" and summary["command"] == "help"

# On a terminal: paragraphs, name first, as wide as it is.
$ $SOURCE/tests/cmd/terminal 80 ouro -q --color never help cycles
  cycles  [--garbage * [-n N]
  reference cycles*
  ...
  option  -n, --limit N       at most N rows
  option  --columns NAME,...  only these columns, in this order
  option  --wide              all columns in full, one line per row,*
  narrow the terminal is
  column  cycle               its number in this answer
  ...
  example  cycles*
$ for columns in 40 80 120; do for command in cycles types findings; do $SOURCE/tests/cmd/terminal $columns ouro -q --color never help $command | awk -v most=$columns 'length($0) > most' | wc -l; done; done | sort -u
  0

$ ouro --help
  ouro [OPTION...] TARGET [COMMAND [ARG...]]
  ...
  -p, --pid PID * running process*
  ...
  collect * what gc.collect(GEN) would find*
  ...

# Where other programs take it, behind the target or the command; no target is opened for it.
$ ouro $CORE --help | head -n 1
  ouro [OPTION...] TARGET [COMMAND [ARG...]]
$ for line in "$CORE types --help" 'types -h' '-p 999999999 types --help' 'watch --help'; do ouro $line | sed -n 2p; done
  types * objects and bytes by type*
  types * objects and bytes by type*
  types * objects and bytes by type*
  watch * wait beside a process*
$ ouro $CORE nothing --help
! ouro: no command nothing; *
? 2

$ ouro --version
  ouro *

# The manual page is the one that the tables make: `make man` writes it.
$ ouro --man | cmp - $SOURCE/doc/ouro.1 && echo same
  same
