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
