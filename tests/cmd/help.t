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
  cycles * [--garbage * rings of references*
  ...
  option * -n, --limit N * at most N rows
  column * cycle *
  ...
  example * cycles*

$ ouro $CORE help nothing
! ouro: no command nothing; `help` lists them
? 1

$ ouro --help
  ouro [OPTION...] TARGET [COMMAND [ARG...]]
  ...
  -p, --pid PID * running process*
  ...
  collect * what gc.collect(GEN) would find*
  ...

$ ouro --version
  ouro *

# The manual page is the one that the tables make: `make man` writes it.
$ ouro --man | cmp - $SOURCE/doc/ouro.1 && echo same
  same
