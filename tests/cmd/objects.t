# Objects, one a row.
core leaky

$ ouro $CORE objects -t shop.orders.Queue -n 2
  object * type * gen * refcount * bytes * preview
  0x* shop.orders.Queue * 0 * 2 * *Queue*
  0x* shop.orders.Queue * 0 * 2 * *Queue*

$ ouro --json $CORE objects -t Queue -g 0
! ouro: type Queue is ambiguous: *.Queue or *.Queue
? 1

$ ouro --json $CORE objects -t Invoice
@ len(rows) == 365 and all(row["type"] == "shop.orders.Invoice" for row in rows)
@ all(set(row) >= {"object", "type", "gen", "refcount", "bytes", "preview"} for row in rows)
@ {row["gen"] for row in rows} == {0, 1, 2, "permanent"}

$ ouro --json $CORE objects -t shop.orders.Invoice --garbage
@ len(rows) == 350 and not some(gen="permanent")

$ ouro --json $CORE objects -g 2
@ len(rows) > 400 and all(row["gen"] == 2 for row in rows)

$ ouro --json $CORE objects -g permanent -n 7
@ len(rows) == summary["rows"] == 7 and summary["truncated"] and all(row["gen"] == "permanent" for row in rows)

# The shop's reports hold half a megabyte each.
$ ouro --json $CORE objects -t bytes --min-size 400K
@ len(rows) == 4 and all(row["gen"] is None and row["preview"].startswith("b'\\x00") for row in rows)

$ ouro --json $CORE objects --sort bytes -n 5
@ len(rows) == 5 and sum(row["bytes"] >= 400 << 10 for row in rows) >= 4 and rows == sorted(rows, key=lambda row: -row["bytes"])

# Previews out of memory alone.
$ ouro --json $CORE objects -t str --min-size 30K
@ any(row["preview"].startswith("'receipt receipt ") for row in rows)

$ ouro --json $CORE objects -t 'no_such_*'
! ouro: no type no_such_*
? 1

$ ouro $CORE objects | head -n 1
  object * type * gen * refcount * bytes * preview

# Instances show their first attributes, as many as fit.
core leaky
$ ouro $CORE objects -t Session -n 1
  object * preview
  0x* shop.sessions.Session * <shop.sessions.Session user='visitor *' basket=<dict>>
$ ouro $CORE objects -t Order --garbage -n 1
  object * preview
  0x* shop.orders.Order * <shop.orders.Order number=* lines=<list> invoice=<shop.orders.Invoice>>
$ ouro --json $CORE objects -t 'asyncio.*' --columns preview
@ any(row["preview"].endswith(" ...>") for row in rows) and all(len(row["preview"]) <= 103 for row in rows)
