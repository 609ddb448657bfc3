# What does not add up.
core leaky

$ ouro --json $CORE verify
@ all({"object", "problem"} <= set(row) for row in rows) and len(rows) == summary["rows"]
@ not any("breaks off" in row["problem"] or "no object" in row["problem"] for row in rows)
@ not any("references to it were found" in row["problem"] for row in rows)
