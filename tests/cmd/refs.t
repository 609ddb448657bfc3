# References both ways, with their names.
core leaky

$ ouro $CORE referents 'shop.sessions.Session.everyone[3]'
  edge * object * type * evidence * visited * preview
  ...
  .user * str * decoded * 'visitor 3'
  .basket * dict * decoded * {'article': 3}
  ...

$ ouro --json $CORE referents 'shop.sessions.Session.everyone[3]'
@ all({"edge", "object", "type", "preview", "evidence"} <= set(row) for row in rows)
@ one(edge=".user")["preview"] == "'visitor 3'" and one(edge=".__class__")["type"] == "type"

$ ouro --json $CORE referents shop.sessions.Session.everyone -n 5
@ [row["edge"] for row in rows] == ["[0]", "[1]", "[2]", "[3]", "[4]"]
@ summary["truncated"]

$ ouro --json $CORE referents shop.sessions.Session.everyone
@ len(rows) == 500 and not summary["truncated"] and {row["type"] for row in rows} == {"shop.sessions.Session"}

$ ouro --json $CORE referents 'shop.events.REPORTS[0]'
@ one(edge=".__closure__")["type"] == "tuple" and one(edge=".__code__")["type"] == "code"

# A queue refers to itself twice: two rows with their own names.
$ A=$(ouro --json $CORE objects -t shop.orders.Queue -n 1 | sed -n 's/{"object":"\(0x[0-9a-f]*\)".*/\1/p'); ouro --json $CORE referents $A
@ sorted(row["edge"] for row in some(type="shop.orders.Queue")) == [".next", ".previous"]
$ A=$(ouro --json $CORE objects -t shop.orders.Queue -n 1 | sed -n 's/{"object":"\(0x[0-9a-f]*\)".*/\1/p'); ouro --json $CORE referrers $A
@ sorted(row["edge"] for row in rows) == [".next", ".previous"]

$ ouro --json $CORE referrers 'shop.sessions.Session.everyone[17]'
@ one(edge="[17]")["type"] == "list"

$ ouro --json $CORE referrers shop.sessions.Session.everyone
@ len(rows) == 1 and rows[0]["edge"] == "['everyone']" and rows[0]["type"] == "dict"

# The bound methods in the bus hold the baskets.
$ ouro --json $CORE referrers "shop.events.BUS.listeners['price'][3].__self__"
@ some(edge=".__self__", type="method")

$ ouro $CORE referents 5
! ouro: no object at 5
? 1
$ ouro $CORE referrers
! ouro: referrers: missing argument; usage: referrers OBJ *
? 2
