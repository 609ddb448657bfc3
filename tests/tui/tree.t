# Referrers unfold in place; a chain of single references opens at once; what was there already is marked.
start
wait "garbage    1,"
keys : "tree referrers shop.sessions.Session.everyone" Enter
wait /who refers to/
wait /- who refers to +.*list/
shot tree
keys Left
wait /\+ who refers to/
line -1 / 1\/1$/
keys Right
wait /- who refers to/
keys q : "objects -t shop.orders.Order --garbage" Enter
wait /1\/350/
keys e
wait /tree referents 0x/
wait /├─\+ .*/
keys E
wait /↺/
keys / "↺" Enter
cursor /↺/
keys Enter
cursor /- /
keys f
line -1 /a tree shows all of its lines/
keys Q
exit 0
