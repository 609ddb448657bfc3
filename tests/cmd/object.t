# One object, and the ways to name it.
core leaky

$ ouro $CORE object shop.sessions.PAGE_CACHE
  name * value
  address * 0x*
  number * #*
  type * dict
  preview * {'/article/0?visitor=0': *
  gen * 1
  refcount *
  explained *
  unexplained * 0
  references * refcount *, all found
  ...

$ ouro --json $CORE object shop.sessions.Session.everyone
@ {"address", "number", "type", "gen", "refcount", "explained", "unexplained", "tracked", "finalized", "immortal", "bytes", "evidence", "collectable", "interpreter", "preview"} <= set(values())
@ values()["type"] == "list" and values()["gen"] in (1, 2, "permanent") and values()["tracked"] is True
@ values()["referents"] == 500 and values()["referrers"] == 1 == values()["explained"] == values()["refcount"]
@ values()["unexplained"] == 0 and values()["collectable"] is False and values()["evidence"] == "decoded"

# By address, by an address inside of it, by name: the same object; and by its number.
$ A=$(ouro --json $CORE object sys.modules | sed -n 's/.*"address","value":"\(0x[0-9a-f]*\)".*/\1/p'); for W in $A $(printf '0x%x' $((A + 8))) sys.modules; do ouro --json $CORE object $W | sed -n 's/.*"address","value":"\(0x[0-9a-f]*\)".*/\1/p'; done | uniq | wc -l
  1
$ N=$(ouro --json $CORE object sys.modules | sed -n 's/.*"number","value":"\(#[0-9]*\)".*/\1/p'); ouro --json $CORE object "$N"
@ values()["type"] == "dict" and values()["preview"].startswith("{'sys': ")

# Dotted names: modules, their globals, classes, class attributes, instances, items and keys.
$ ouro --json $CORE object shop
@ values()["type"] == "module"
$ ouro --json $CORE object shop.orders
@ values()["type"] == "module"
$ ouro --json $CORE object shop.orders.Order
@ values()["type"] == "type"
$ ouro --json $CORE object shop.orders.Order.total
@ values()["type"] == "function"
$ ouro --json $CORE object 'shop.sessions.Session.everyone[3]'
@ values()["type"] == "shop.sessions.Session"
$ ouro --json $CORE object 'shop.sessions.Session.everyone[3].user'
@ values()["preview"] == "'visitor 3'"
$ ouro --json $CORE object "shop.sessions.Session.everyone[3].basket['article']"
@ values()["preview"] == "3"
$ ouro --json $CORE object "shop.sessions.PAGE_CACHE['/article/17?visitor=17'].url"
@ values()["preview"] == "'/article/17?visitor=17'"
$ ouro --json $CORE object 'shop.sessions.PAGE_CACHE[/article/17?visitor=17].url'
@ values()["preview"] == "'/article/17?visitor=17'"
# An attribute that only a base class has; a global of the main program; a builtin.
$ ouro --json $CORE object shop.sessions.PooledConnection.closed
@ values()["preview"] == "0"
$ ouro --json $CORE object OLD_ORDERS
@ values()["preview"] == "200"
$ ouro --json $CORE object ValueError
@ values()["type"] == "type"

$ ouro $CORE object shop.nothing
! ouro: shop.nothing: no .nothing in shop
? 1
$ ouro $CORE object nothing.at.all
! ouro: nothing.at.all: no module or global of that name
? 1
$ ouro $CORE object 'shop.sessions.Session.everyone[500]'
! ouro: *: no [500] in shop.sessions.Session.everyone
? 1
$ ouro $CORE object 0x10
! ouro: no object at 0x10
? 1
$ ouro $CORE object 0xnothing
! ouro: 0xnothing is not an address
? 1
$ ouro $CORE object '#99999999'
! ouro: no object #99999999: they are numbered from #0 to #*
? 1
$ ouro $CORE object '#x'
! ouro: #x is not an object's number
? 1
$ ouro $CORE object '$'
! ouro: $ is the object selected last, and none has been selected yet
? 1
