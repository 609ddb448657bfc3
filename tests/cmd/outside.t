# Objects that a tp_is_gc of their type keeps from the collector: it is asked before tp_traverse.
needs greenlet
core outside

# Of three rings only the one through the greenlet that never ran is garbage.
$ ouro --json $CORE collect -g 2
@ sorted(row["type"] for row in rows if row["type"] in ("__main__.Kept", "greenlet.greenlet", "__main__.Let")) == ["__main__.Kept", "greenlet.greenlet"]

# As gc.get_referents() has it, they have no referents; as paths go, they hold.
$ ouro --json $CORE verify --traverse
@ summary["agreed"] == summary["asked"] and summary["unanswered"] == 0
$ ouro --json $CORE export | grep '"greenlet.greenlet"\|"__main__.Let"'
@ sorted(len(row["refs"]) > 0 for row in rows) == [False, False, False, True]
