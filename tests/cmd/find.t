# Instances of a class, and objects by what is in them.
core held

$ ouro --json $CORE instances User
@ len(rows) == 3 and all(row["type"] == "__main__.User" and row["garbage"] is False for row in rows)
@ sum("['bob']" in row["held_by"] for row in rows) == 1
$ ouro --json $CORE instances Owner
@ len(rows) == 1
$ ouro --json $CORE instances Owner --subclasses
@ sorted(row["type"] for row in rows) == ["__main__.Owner", "__main__.Special"]
# A class that only derived ones have instances of; another object is no class.
$ ouro --json $CORE instances collections.abc.Mapping
@ rows == []
$ ouro --json $CORE instances collections.abc.Mapping --subclasses
@ "os._Environ" in [row["type"] for row in rows]
$ ouro $CORE instances os.environ
? 1
! ouro: no type os.environ; did you mean os._Environ?
$ ouro $CORE instances NoSuchClass
? 1
! ouro: *no type NoSuchClass*
$ ouro $CORE instances '__main__.Own*'
? 1
! ouro: __main__.Own* is a pattern, but exactly one type is needed; there is __main__.Owner

$ ouro --json $CORE find User name=bob
@ len(rows) == 1 and "['bob']" in rows[0]["held_by"]
$ ouro --json $CORE find User age=41
@ len(rows) == 2
$ ouro --json $CORE find User age=41 name=bob
@ len(rows) == 1
$ ouro --json $CORE find User age=43
@ rows == []
$ ouro --json $CORE find dict 'len>=12345' 'len<12346'
@ [row["length"] for row in rows] == [12345]
$ ouro --json $CORE find bytearray 'size>90K'
@ len(rows) == 7 and all(row["bytes"] > 90 * 1024 for row in rows)

# A text in text of every width, and in bytes; what it is only on request.
$ ouro --json $CORE find str '~' 'BEGIN RSA PRIVATE'
@ rows and all(row["preview"] is None for row in rows) and "PRIVATE" not in text
$ ouro --json $CORE find str '~BEGIN RSA with' --value
@ any("BEGIN RSA with a snowman" in row["preview"] for row in rows)
$ ouro --json $CORE find '*' '~' 'BEGIN RSA in bytes'
@ "bytearray" in {row["type"] for row in rows}
$ ouro $CORE find User age
? 2
! ouro: find: age: a condition is *

# Operators: numbers, patterns, lengths of what a name leads to; of a dict a name is a key.
$ ouro --json $CORE find User 'age>=42'
@ len(rows) == 1
$ ouro --json $CORE find User 'age<42'
@ len(rows) == 2
$ ouro --json $CORE find User 'name~^b.b$' 'age>0' 'len(name)=3'
@ len(rows) == 1 and "['bob']" in rows[0]["held_by"]
$ ouro $CORE find User 'age>many'
! ouro: find: age>many: many is not a number
? 2
$ ouro $CORE find User 'name~('
! ouro: find: name~(: Unmatched *
? 2
$ ouro $CORE find User 'len(name)'
! ouro: find: len(name): len(NAME) needs * and a number
? 2

core leaky
$ ouro --json $CORE find dict 'article>=498'
@ len(rows) == 2
$ ouro --json $CORE find shop.sessions.Session 'len(basket)=1' 'user~7$'
@ len(rows) == 50

# Without a type, of any.
$ ouro --json $CORE find 'len>20000' | sed 's/"command":"[^"]*"//' >$TMP/any; ouro --json $CORE find '*' 'len>20000' | sed 's/"command":"[^"]*"//' | cmp - $TMP/any && echo same
  same
$ ouro --json $CORE find '~ no such text at all'
@ not rows
