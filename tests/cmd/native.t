# What C code holds.
core held

# Three objects, seven references each that were taken and never given back.
$ ouro --json $CORE native
@ one(type="__main__.Leaked")["objects"] == 3 and one(type="__main__.Leaked")["surplus"] == 21
@ summary["accounted"] > 10000 and summary["unexplained_objects"] - 3 <= summary["accounted"] * 0.005
@ summary["deficit_objects"] <= summary["accounted"] * 0.001
$ ouro --json $CORE native --objects -t __main__.Leaked
@ [row["surplus"] for row in rows] == [7, 7, 7]
$ ouro --json $CORE object __main__.LEFT
@ values()["refcount"] == 8 and values()["explained"] == 1 and values()["unexplained"] == 7
@ values()["references"].startswith("refcount 8, 1 found: 7 held by C code")
$ ouro --json $CORE object __main__.OWNER
@ values()["unexplained"] == 0
