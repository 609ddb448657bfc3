# What the collector would find unreachable.
core leaky

$ ouro $CORE collect -n 1
  object * type * bytes * gc_refs * reason * preview
  0x* * 0 * unreachable*
! ouro: what gc.collect(2) would return is unknown: * of the objects depend on finalizers or weak references' callbacks
# --quiet is without the sentence, and so is JSON.
$ ouro -q $CORE collect -n 1
  object * type * bytes * gc_refs * reason * preview
  0x* * 0 * unreachable*

$ ouro --json $CORE collect
@ len(rows) == summary["rows"] == summary["unreachable"] and summary["generation"] == 2
@ sum(row["bytes"] for row in rows) == summary["bytes"] and summary["candidates"] > len(rows)
@ all({"object", "type", "bytes", "gc_refs", "reason"} <= set(row) for row in rows)
@ all(row["gc_refs"] == 0 for row in rows)
@ len(some(type="shop.orders.Order")) == len(some(type="shop.orders.Invoice")) == 350
@ len(some(type="shop.orders.Queue")) == 40 and len(some(type="shop.events.Widget")) == 30
@ len(some(type="shop.sessions.Connection")) == 20 and len(some(type="shop.sessions.PooledConnection")) == 3
@ len(some(type="shop.sessions.Transaction")) == 23
# Rings with __del__ are uncertain: what gc.collect() returns depends on what the finalizers do.
@ summary["uncertain"] >= 46 and summary["returns"] is None
@ all("finalizer" in row["reason"] for row in some(type="shop.sessions.Connection"))
@ not some(type="shop.sessions.Session")

# In stages: what is at each adds up, and each lists its objects.
$ ouro --json $CORE collect --stages
@ [row["step"] for row in rows][:9] == ["candidates", "subtract", "outside", "reachable", "unreachable", "uncollectable", "weakrefs", "finalizers", "uncertain"]
@ one(step="candidates")["count"] == summary["candidates"] == one(step="outside")["count"] + one(step="reachable")["count"] + one(step="unreachable")["count"]
@ one(step="unreachable")["count"] == summary["unreachable"] == one(step="uncollectable")["count"] + one(step="uncertain")["count"] + one(step="freed")["count"]
@ one(step="uncertain")["count"] == summary["uncertain"] and one(step="unreachable")["bytes"] == summary["bytes"] and one(step="finalizers")["count"] >= 46
@ one(step="subtract")["count"] > one(step="reachable")["count"] and "an estimate" in one(step="cost")["what"] and summary["estimate_us"] > 100
@ one(step="reachable")["next"] == "collect --stage reachable -g 2"
$ ouro --json $CORE collect --stage finalizers
@ {row["type"] for row in rows} >= {"shop.sessions.Connection"} and all(row["reason"].startswith("unreachable") for row in rows)
$ ouro --json $CORE collect --stage outside -n 5
@ len(rows) == 5 and all(row["gc_refs"] > 0 for row in rows)
$ ouro --json $CORE collect --stage reachable -n 5
@ len(rows) == 5 and all("reachable from" in row["reason"] for row in rows)
$ ouro $CORE collect --stage early
! ouro: *early*
? 2

$ ouro --json $CORE collect -g 0
@ summary["generation"] == 0 and len(some(type="shop.orders.Order")) == 100 and len(some(type="shop.orders.Queue")) == 40

$ ouro --json $CORE collect --generation=1
@ summary["generation"] == 1 and len(some(type="shop.orders.Order")) == 150

$ ouro --json $CORE collect -g 2 --interpreter 0
@ len(some(type="shop.orders.Order")) == 350

$ ouro --json $CORE collect -n 3
@ len(rows) == summary["rows"] == 3 and summary["truncated"] and summary["unreachable"] > 500

$ ouro $CORE collect -g permanent
! ouro: collect: the permanent generation is never collected; use 0, 1 or 2
? 2

$ ouro $CORE collect -g 3
! ouro: collect: --generation takes 0, 1, 2 or permanent, not '3'
? 2

# One object's fate, step by step.
$ ouro --json $CORE collect --explain shop.sessions.PAGE_CACHE
@ [row["step"] for row in rows][0] == "refcount" and rows[-1]["step"] == "fate" and summary["unreachable"] is False
@ sum(row["count"] for row in rows if row["step"] in ("refcount", "subtract", "apart")) == some(step="gc_refs")[0]["count"]
@ some(step="gc_refs")[0]["count"] == sum(row["count"] for row in some(step="outside")) or some(step="rescue")
@ set(rows[0]) == {"step", "count", "what", "object"} and summary["candidate"]

# What gc.freeze() set apart is no candidate.
$ ouro --json $CORE collect --explain sys.modules
@ len(rows) == 1 and "permanent generation" in rows[0]["what"] and summary["candidate"] is False

$ ouro $CORE collect --explain 0x10
! ouro: no object at 0x10
? 1
