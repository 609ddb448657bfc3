# What numpy's arrays and datetime's objects hold without the collector's knowledge.
needs numpy
core arrays

# Every leaf has a way to it, by its place in the array; of a row, the whole is Python source.
$ for o in $(ouro --json $CORE objects -t __main__.Leaf -n 100 | sed -n 's/.*"object":"\(0x[0-9a-f]*\)".*/\1/p'); do ouro --json $CORE path $o -n 1 | grep '"source"' | tail -n 1 | grep -v '"step":0'; done
@ len(rows) == 14 and all(row["name"].startswith("sys.modules['__main__'].box.") for row in rows)
@ {row["name"].partition(".box.")[2] for row in rows} == {"row[0]", "table[1, 2]", "view.base[0]", "fields[1]['b']", "fields[2]['c']['y']", "record -> base[1]['b']", "turned[3, 1, 2]", "derived[0]", "large[19999]", "flat.base[0]", "dtype -> metadata['leaf']", "time.tzinfo.leaf", "datetime.tzinfo.leaf", "moment.tzinfo.leaf"}
@ [row["source"] for row in rows if row["name"].endswith("[3, 1, 2]")] == [True]

# A name leads back to the object.
$ ouro --json $CORE path '__main__.box.table[1, 2]' -n 1
@ rows[-1]["type"] == "__main__.Leaf"

# Held, hence kept by its array alone.
$ ouro --json $CORE retained '__main__.box.row'
@ rows[0]["type"] == "numpy.ndarray" and rows[0]["retained"] > rows[0]["bytes"]

$ ouro --json $CORE object '__main__.box.turned'
@ "array (4, 2, 3) of objects" in text
# What its types visit is the same as ever.
$ ouro --json $CORE verify --traverse
@ summary["agreed"] == summary["asked"] and summary["unanswered"] == 0
