# Rings of garbage, by shape.
core leaky

$ ouro $CORE cycles
  cycle * objects * bytes * copies * total * finalizers * object * ring * cut * shape
  1 * 2 * 350 * 0x* * -> * shop.orders.*
  ...

$ ouro --json $CORE cycles
@ all({"cycle", "objects", "bytes", "shape", "copies", "ring", "cut", "finalizers", "object"} <= set(row) for row in rows)
@ [row["cycle"] for row in rows] == list(range(1, len(rows) + 1))
@ [row["total"] for row in rows] == sorted((row["total"] for row in rows), reverse=True)
@ rows[0]["ring"] in ("Order.invoice -> Invoice.order", "Invoice.order -> Order.invoice") and rows[0]["copies"] == 350
@ rows[0]["cut"] in ("Order.invoice", "Invoice.order") and rows[0]["finalizers"] == 0 and rows[0]["total"] > rows[0]["bytes"]
@ one(copies=40)["ring"] in ("Queue.next", "Queue.previous") and one(copies=40)["objects"] == 1
@ set(one(copies=40)["cut"].split(", ")) in ({"Queue.next", ".previous"}, {"Queue.previous", ".next"})
@ "Widget.on_click" in one(copies=30)["ring"] and "method.__self__" in one(copies=30)["ring"]
@ "Connection.transaction" in one(copies=20)["ring"] and one(copies=20)["finalizers"] == 40
@ "PooledConnection.transaction" in one(copies=3)["ring"] and one(copies=3)["finalizers"] == 6
@ len(rows) == 5 == summary["shapes"] and summary["components"] == 350 + 40 + 30 + 20 + 3

@ all(row["why"] for row in rows) and re.search(r"shop/orders\.py:\d+$", rows[0]["source"])

$ ouro --json $CORE cycles --garbage -n 2
@ len(rows) == 2 and summary["truncated"]

$ ouro --json $CORE cycles --all
@ len(rows) == summary["components"] == 443 and all(row["copies"] == 1 for row in rows)
@ len({row["object"] for row in rows}) == 443

# The frozen rings are no garbage, and rings all the same.
$ ouro --json $CORE cycles --live
@ sum(row["copies"] for row in rows if row["ring"] in ("Order.invoice -> Invoice.order", "Invoice.order -> Order.invoice")) >= 360

# Nobody can take a class out of its own __mro__, nor an item out of a tuple: no cut is proposed.
core classes
$ ouro --json $CORE cycles --garbage
@ one(copies=20)["ring"] == "type.__mro__ -> tuple[0]" and one(copies=20)["cut"] is None
@ one(copies=20)["why"].startswith("no reference of this ring can be taken out")

core leaky
# A ring is its steps: each leads to the next one, the last to the first; the text is made of them.
$ ouro --json $CORE cycles
@ all(step["next"] == row["steps"][(i + 1) % len(row["steps"])]["object"] for row in rows for i, step in enumerate(row["steps"]))
@ all(row["object"] == row["steps"][0]["object"] for row in rows)
@ all(row["ring"] == " -> ".join(step["type"] + (step["edge"] if step["edge"][0] in ".[" else " " + step["edge"]) for step in row["steps"]) for row in rows)
@ all(any(step["cut"] for step in row["steps"]) for row in rows if row["cut"])
@ any(step["slot"] for row in rows for step in row["steps"])
