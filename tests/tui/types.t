# Types, their objects, one of them, and the way back and forth.
start
wait "garbage    1,"
keys t
wait /overview › types$/
line 2 /type +count +bytes/
cursor /str/
keys / "shop.sessions.Session" Enter
cursor /shop\.sessions\.Session +500/
shot types
keys Enter
wait /objects -t shop\.sessions\.Session/
line -1 /1\/500/
keys G
line -1 /500\/500 +100 %/
keys g Down Enter
wait /referred to by/
wait /refers to/
wait /refcount/
keys BSpace
line -1 /2\/500/
keys BSpace
cursor /shop\.sessions\.Session/
keys ] ]
wait /referred to by/
keys ]
line -1 /this is the newest view/
keys Q
exit 0
