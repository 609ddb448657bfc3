# What was being destroyed when the process stopped is called that.
core dying
$ A=$(ouro -q --json $CORE object __main__.NODE | grep -o '"preview","value":"[0-9]*' | grep -o '[0-9]*$'); ouro -q --json $CORE object $(printf 0x%x $A)
@ "had found it unreachable" in values()["state"] and values()["tracked"] in (True, "yes") and values()["gen"] is None
$ A=$(ouro -q --json $CORE object __main__.NODE | grep -o '"preview","value":"[0-9]*' | grep -o '[0-9]*$'); ouro $CORE path $(printf 0x%x $A)
! ouro: warning: a collection was running: *
! ouro: it is being destroyed: the collection that was running had found it unreachable; *
# So it is where objects are listed, and in SQL.
$ ouro -q --json $CORE objects
@ len([row for row in rows if row["state"] and "had found it unreachable" in row["state"]]) in (2, 4) and len([row for row in rows if row["state"]]) < 10
$ ouro $CORE objects -t __main__.Node -n 5
! ouro: warning: a collection was running: *
! ouro: * of these * being destroyed, or part of a running collection: *
$ ouro -q --json $CORE sql "SELECT count(state) AS some, count(*) AS n FROM objects"
@ rows[0]["some"] in (2, 4) and rows[0]["n"] > 1000
# Its refcount is 0, and nothing refers to it: it is in no list and behind no reference.
$ A=$(ouro -q --json $CORE object __main__.OUTER | grep -o '"preview","value":"[0-9]*' | grep -o '[0-9]*$'); ouro -q $CORE object $(printf 0x%x $A)
! ouro: no object at 0x*: the type of what lies there is __main__.Outer, but its refcount is 0: it is being destroyed, or was freed
? 1
$ ouro -q --json $CORE findings
@ "a collection was running: 2 objects" in one(kind="collecting")["what"] or "a collection was running: 4 objects" in one(kind="collecting")["what"]
