# The sandwich: referrers, card, referents; Tab goes round; the ring of an order and its invoice.
start
wait "garbage    1,"
keys : "objects -t shop.orders.Order --garbage" Enter
wait /1\/350/
keys Enter
wait /── referred to by 1 /
wait /── shop\.orders\.Order 0x/
wait /refcount +1 reference, and it is found/
wait /collector .*garbage/
wait /\.invoice +0x[0-9a-f]+ +shop\.orders\.Invoice/
shot object
cursor /\.order +0x/
keys Tab
cursor /type +shop\.orders\.Order/
keys Tab
cursor /0x[0-9a-f]+/
keys Tab
cursor /\.order +0x/
# The card's lines can be followed: refcount leads to the tree of referrers.
keys Tab Down Down Enter
wait /tree referrers 0x/
keys q BTab
# Follow .order to the invoice, and from there back to the order: the ring, by hand.
keys Enter
wait /── shop\.orders\.Invoice 0x/
keys Q
exit 0
