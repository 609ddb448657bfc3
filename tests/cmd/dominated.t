# A level of the dominator tree.
core leaky

# What is below adds up to what the object retains.
$ ouro --json $CORE dominated shop.sessions.Session -n 100000
@ len(rows) == summary["rows"] == summary["dominates"] >= 3 and summary["rest"] == 0
@ [row["retained"] for row in rows] == sorted((row["retained"] for row in rows), reverse=True)
@ all(row["retained"] >= row["bytes"] for row in rows) and all((row["retained"] == row["bytes"]) == (row["dominates"] == 0) for row in rows)
@ rows[0]["edge"] == ".__dict__"

$ ouro --json $CORE dominated shop.sessions.Session -n 1
@ len(rows) == 1 and summary["truncated"] and summary["rest"] > 0 and summary["dominates"] >= 3

# Past the class's __dict__ and the list `everyone`: the sessions, each with the way to it; one of the 500 has another holder.
$ ouro --json $CORE dominated shop.sessions.Session --past -n 100000
@ len([row for row in rows if row["type"] == "shop.sessions.Session" and re.fullmatch(r"\.__dict__\['everyone'\]\[\d+\]", row["edge"])]) >= 499
@ not any(row["type"] in ("dict", "list", "tuple") for row in rows) and summary["passed"] >= 2 and summary["passed_bytes"] > 4000
@ summary["rest"] == 0

# The tops: with what every object retains, all there is.
$ ouro --json $CORE dominated -n 1000000
@ {("shop.sessions", "module"), ("shop.events", "dict")} <= {(row["edge"], row["type"]) for row in rows} and summary["rest"] == 0 and sum(row["retained"] for row in rows) > 10000000

$ ouro --json $CORE dominated "shop.sessions.Session.everyone[0].user"
@ not rows and summary["dominates"] == 0
