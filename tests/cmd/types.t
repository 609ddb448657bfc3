# Objects and bytes by type.
core leaky

$ ouro $CORE types -n 2
  type * count * bytes * gen0 * gen1 * gen2 * permanent * untracked * garbage * object
  str * 0x*
  bytes * 0x*

$ ouro --json $CORE types
@ all({"type", "count", "bytes", "gen0", "gen1", "gen2", "garbage", "object"} <= set(row) for row in rows)
@ len(rows) == summary["rows"] > 200
@ sum(row["count"] for row in rows) == summary["objects"] and sum(row["bytes"] for row in rows) == summary["bytes"]
@ [row["bytes"] for row in rows] == sorted((row["bytes"] for row in rows), reverse=True)
@ all(row["count"] == sum(row[key] for key in ("gen0", "gen1", "gen2", "permanent", "untracked")) for row in rows)
@ all(re.fullmatch("0x[0-9a-f]+", row["object"]) for row in rows)
@ not any(row["type"].startswith("builtins.") for row in rows)
# 500 sessions in a class's list: alive. 365 orders: 100 died in generation 0, 50 in 1, 200 in 2; 10 are frozen, 5 in gc.garbage.
@ one(type="shop.sessions.Session")["count"] == 500 and one(type="shop.sessions.Session")["garbage"] == 0
@ one(type="shop.orders.Order")["count"] == 365 and one(type="shop.orders.Order")["garbage"] == 350
@ one(type="shop.orders.Order")["gen0"] == 100 and one(type="shop.orders.Order")["permanent"] == 10
@ one(type="shop.orders.Order")["gen1"] + one(type="shop.orders.Order")["gen2"] == 255
@ one(type="int")["untracked"] == one(type="int")["count"] > 1000

$ ouro --json $CORE types --garbage
@ all(row["count"] == row["garbage"] > 0 for row in rows)
@ one(type="shop.orders.Queue")["count"] == 40 and one(type="shop.events.Widget")["count"] == 30
@ not some(type="shop.sessions.Session")

$ ouro --json $CORE types -g permanent -t shop.orders.Order
@ len(rows) == 1 and rows[0]["count"] == rows[0]["permanent"] == 10

$ ouro --json $CORE types -g0 -t 'shop.*'
@ one(type="shop.orders.Order")["count"] == 100 and all(row["type"].startswith("shop.") for row in rows)

$ ouro --json $CORE types --sort count -n 3
@ len(rows) == summary["rows"] == 3 and summary["truncated"] is True
@ rows[0]["count"] >= rows[1]["count"] >= rows[2]["count"] > 10000

$ ouro --json $CORE types --sort type
@ [row["type"] for row in rows] == sorted((row["type"] for row in rows), key=lambda name: name.encode())

$ ouro --json $CORE types --sort=-type -n 50
@ [row["type"] for row in rows] == sorted((row["type"] for row in rows), key=lambda name: name.encode(), reverse=True)

$ ouro --json $CORE types --min-size 300K
@ one(type="bytes")["count"] == 4 and all(row["bytes"] >= 300 << 10 for row in rows)

$ ouro $CORE types -t 'shop.nothing.*'
! ouro: no type shop.nothing.*
? 1

$ ouro $CORE types -t orders.Orde
! ouro: no type orders.Orde; there is shop.orders.Order
? 1

$ ouro $CORE types --sort nothing
! ouro: types: no column nothing; `help types` lists them
? 2

# The same objects in other groups: each is in one. 365 orders have an invoice each, and nothing else has those.
$ for by in type module package generation owner referrer edge; do ouro --json $CORE types --by $by | tail -1; done | sort -u | sed 's/"rows":[0-9]*,//' | sort -u | wc -l
  1
$ ouro --json $CORE types --by module
@ list(rows[0])[0] == "group" and sum(row["count"] for row in rows) == summary["objects"]
@ one(group="shop.orders")["count"] == 770 and one(group="shop.orders")["garbage"] == 740
@ one(group="builtins")["count"] > 100000
$ ouro --json $CORE types --by generation
@ all(one(group="012"[g])["count"] == one(group="012"[g])["gen%d" % g] for g in range(3)) and one(group="untracked")["count"] == one(group="untracked")["untracked"]
$ ouro --json $CORE types --by owner -t shop.orders.Invoice
@ len(rows) == 1 and rows[0]["group"] == "shop.orders.Order" and rows[0]["count"] == 365
$ ouro --json $CORE types --by edge
@ one(group="shop.orders.Order.invoice")["count"] == 365 and one(group="shop.sessions.Session.user")["count"] == 500
@ not any(row["group"].startswith("local ") and "." == row["group"][-1] for row in rows)
$ ouro --json $CORE objects --group edge:shop.orders.Order.invoice
@ len(rows) == 365 and all(row["type"] == "shop.orders.Invoice" for row in rows)
$ ouro --json $CORE types --by referrer -t shop.orders.Invoice
@ one(group="shop.orders.Order")["count"] == 360 and one(group="list, shop.orders.Order")["count"] == 5
$ ouro --json $CORE objects --group module:shop.orders -g 0
@ len(rows) == 240
$ ouro --json $CORE types --by owner --group owner:shop.orders.Order
@ len(rows) == 1 and rows[0]["group"] == "shop.orders.Order"
$ ouro --json $CORE objects --group type:Invoice
@ len(rows) == 365

# What a row retains is unknown until somebody asks; then each byte counts once.
$ ouro --json $CORE types -n 1
@ rows[0]["retained"] is None
$ ouro $CORE types -n 1
  type * retained * object
  str * >= * 0x*
$ ouro --json $CORE types --retained -t shop.sessions.Session
@ rows[0]["retained"] > 2 * rows[0]["bytes"]
$ ouro --json $CORE types --retained --by generation
@ all(row["retained"] >= row["bytes"] for row in rows) and all(row["retained"] <= summary["bytes"] for row in rows)

$ ouro $CORE types --by colour
? 2
! ouro: colour: objects can be grouped by type, module, *
$ ouro $CORE objects --group app
? 2
! ouro: --group app: use BY:NAME*
$ ouro $CORE objects --group owner:nobody.Nothing
? 1
! ouro: no group nobody.Nothing; *
$ ouro $CORE types --by edge --group owner:shop.orders.Order
? 2
! ouro: --by edge and --group *
$ ouro --json $CORE types --retained --by owner
@ all(row["bytes"] <= row["retained"] <= summary["bytes"] for row in rows)

# As soon as the objects are found: the same, but for what takes references.
$ printf 'types --quick\ntypes\n' | ouro --json -i $CORE
@ sum(row.get("garbage", 0) is None for row in rows) > 200
@ sorted(tuple(row[key] for key in row if key != "garbage") for row in rows if row.get("garbage", 0) is None) == sorted(tuple(row[key] for key in row if key != "garbage") for row in rows if "type" in row and row["garbage"] is not None)

$ ouro $CORE types --quick --garbage
! ouro: types: --quick counts all objects: without --garbage
? 2

# A heap that has been read has it all.
$ printf 'collect -n 1\ntypes --quick -n 3\n' | ouro --json -i $CORE
@ all(row["garbage"] is not None for row in rows if "type" in row and "count" in row)

# Groups by referrer are sets of types: named in the order of their names.
$ ouro --json $CORE types --by referrer
@ all(names == sorted(names) for names in (re.sub(r" and .* more types$", "", row["group"]).split(", ") for row in rows))

# By the variable that holds them.
core orders
$ ouro --json $CORE types --by path -t __main__.Order
@ {r["group"]: r["count"] for r in rows} == {"__main__.CACHE": 978, "__main__.RECENT": 22}

core leaky
# By package: the modules of one together.
$ ouro --json $CORE types --by package
@ one(group="shop")["count"] > 1000
@ not some(group="shop.orders")
$ test $(ouro --json $CORE types --by module | sed -n 's/.*"group":"shop\.[a-z]*","count":\([0-9]*\),.*/\1/p' | awk '{ all += $1 } END { print all }') = $(ouro --json $CORE types --by package | sed -n 's/.*"group":"shop","count":\([0-9]*\),.*/\1/p') && echo alike
  alike
$ ouro $CORE objects --group package:shop -n 1
  object * type *
  0x* shop.* 
