# The same rows in other groups, what each keeps alive, and the objects of a group.
start
wait "garbage    1,"
keys t
wait /overview › types$/
wait /0 +(>= +)?3\.\d MiB/
keys b
wait /overview › types --by module$/
wait /shop\.orders +770/
keys b b b
wait /types --by owner$/
keys b
wait /types --by referrer$/
keys b
wait /types --by edge$/
keys / "Order.invoice" Enter
cursor /shop\.orders\.Order\.invoice +365/
keys Enter
wait /objects --group edge:shop\.orders\.Order/
line -1 /1\/365/
cursor /shop\.orders\.Invoice/
keys BSpace
cursor /shop\.orders\.Order\.invoice +365/
# What they keep alive is worked out once; then it is there in every grouping.
keys d
wait /types --by edge --retained$/
gone />= /
keys g Escape
line -1 /\? help/
shot groups
keys b
wait /types --by path --retained$/
keys b
wait /overview › types --retained$/
# The ways to all objects of a type.
keys / "shop.orders.Order" Enter
cursor /shop\.orders\.Order /
keys P
wait /path --class shop\.orders\.Order$/
wait /\[\*\]/
keys BSpace
wait /overview › types --retained$/
keys BSpace
wait /^ ouro  shop\.core  Python 3\.\d+\.\d+ +overview$/
# A selection stays when its groups are opened.
keys : "types --by module -g 0 -t shop.orders.*" Enter
wait /types --by module -g 0/
keys Enter
wait /objects -g 0 -t/
line -1 /1\/240/
keys o
wait / target /
keys : regroup Enter
line -1 /regroup: only the rows of `types` can be/
keys Q
exit 0
