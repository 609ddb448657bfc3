# Tables on a terminal: as wide as it is, without columns that have no value; --wide and --columns.
core leaky
$ for columns in 80 120 200; do for command in types threads cycles memory 'retained -n 20' 'objects -n 20' 'path shop.events.REPORTS' native 'referrers shop.events.REPORTS' 'types --by module'; do $SOURCE/tests/cmd/terminal $columns ouro -q --color never $CORE $command | awk -v most=$columns 'length($0) > most' | wc -l; done; done | sort -u
  0

# Nothing is dominated here yet: no column for it. What there is no room for is named.
$ $SOURCE/tests/cmd/terminal 80 ouro --color never $CORE threads -n 1 | sed 's/.*\x1b\[K//'
  thread depth function*line local*preview*
  *
  ouro: 1 row, and there are more; no room for file, object, type: --wide

# In full, and in a pipe.
$ $SOURCE/tests/cmd/terminal 80 ouro -q --color never $CORE threads -n 1 --wide
  thread  depth  function *file * line * local * object * type * retained * preview * owner * awaits * task*
  *
$ ouro $CORE threads -n 1 | head -1
  thread  depth  function *file * line * local * object * type * retained * preview * owner * awaits * task*

# A sentence is no paragraph then.
$ $SOURCE/tests/cmd/terminal 80 ouro -q --color never $CORE findings --kind gc-off --wide | wc -l
  2

# Numbers are never cut, texts say that they are.
$ $SOURCE/tests/cmd/terminal 80 ouro -q --color never $CORE cycles | grep '^ *1 '
  1 *2 *350 *KiB Invoice.order -> O... Invoice.order

# Columns by name, in their order, sorted by one that is not among them.
$ ouro $CORE types -n 2 --columns garbage,type --sort count
  garbage  type
  *0  str
  * int
$ ouro --json $CORE types -n 2 --columns object,type
@ [list(row) for row in rows] == [["object", "type"]] * 2
@ summary["command"] == "types" and summary["rows"] == 2 and summary["truncated"] and summary["objects"] > 1000
$ ouro $CORE sql --columns total 'select count(*) as total, 1 as one from types'
  total
  *
$ ouro $CORE types --columns type,garbag
? 2
! ouro: types: no column garbag; did you mean garbage?
$ ouro $CORE types --columns type,,bytes
? 2
! ouro: types: no column ; `help types` lists them
$ ouro $CORE types --columns
? 2
! ouro: types: --columns needs a value: NAME,...
$ ouro $CORE types --column type -n 1
  type
  str
$ ouro $CORE types --wied
? 2
! ouro: types: no option --wied; did you mean --wide?

# A long answer has its pager on a terminal, a short one has not, nor has one in a pipe or with --no-pager.
$ export TERM=xterm OURO_PAGER='sed s/^/paged:/'; $SOURCE/tests/cmd/terminal 80 ouro -q --color never $CORE types | sed 's/.*\x1b\[K//' | grep -c '^paged:'
  2*
$ export TERM=xterm OURO_PAGER='sed s/^/paged:/'; $SOURCE/tests/cmd/terminal 80 ouro -q --color never $CORE types -n 5 | grep -c '^paged:'
  0
? 1
$ export TERM=xterm OURO_PAGER='sed s/^/paged:/'; $SOURCE/tests/cmd/terminal 80 ouro -q --no-pager --color never $CORE types | grep -c '^paged:'
  0
? 1
$ export TERM=xterm OURO_PAGER='sed s/^/paged:/'; $SOURCE/tests/cmd/terminal 80 ouro -q --color never $CORE types < /dev/null > /dev/null; ouro $CORE types | grep -c '^paged:'
  0
? 1
$ export TERM=xterm OURO_PAGER= PAGER='sed s/^/paged:/'; $SOURCE/tests/cmd/terminal 80 ouro -q --color never $CORE types | grep -c '^paged:'
  0
? 1
# A pager that was left stops the answer, and that is no error.
$ export TERM=xterm OURO_PAGER='head -n 1'; $SOURCE/tests/cmd/terminal 80 ouro --color never $CORE objects | sed 's/.*\x1b\[K//'
  object * type *

# At the prompt, and in its scripts, rows go into a program or a file.
$ printf '%s\n' 'types -n 5 | head -n 2' "types -n 3 --columns type > $TMP/rows" "sql select type from types where count > 1000 order by count desc limit 1; | sed s/^/sql:/" "find dict 'len>100000' | wc -l" | ouro -i $CORE; cat $TMP/rows
  type * count *
  str *
  sql:type
  sql:str
  0
  type
  *
  *
  *
$ echo 'types -n 5 |' | ouro -i $CORE
? 1
! ouro: nothing follows the |
$ echo 'types -n 5 >' | ouro -i $CORE
? 1
! ouro: no file follows the >

# What is said about an answer ends its lines at blanks, too.
$ export TERM=xterm; $SOURCE/tests/cmd/terminal 60 ouro --no-pager --no-cache --color never $CORE cycles -n 1 | sed 's/.*\x1b\[K//' | awk '/^ouro:/ { on = 1 } on && length($0) > 60 { long++ } on { said = said $0 " " } END { print long + 0, said ~ /; no room for .* --wide/, said ~ /source/ }'
  0 1 1
# One object is not "1 objects"; a list is told by its length, and objects of type bytes are not taken for bytes.
$ export TERM=xterm; for which in '-n 1' '--kind thread-locals'; do $SOURCE/tests/cmd/terminal 400 ouro -q --no-pager --no-cache --color never $CORE findings $which | sed 's/1 objects*$/&./' | tr -s '\n ' ' ' | grep -o -e '1 objects*[.]' -e 'needed of a list of 5,000; objects in it, by type: 4 function, 4 bytes'; done
  needed of a list of 5,000; objects in it, by type: 4 function, 4 bytes
  1 object.
