# Marks: on an object and on a view, with notes; kept for this core.
start
wait "garbage    1,"
keys : "objects -t shop.sessions.Session" Enter
wait /1\/500/
keys Down m a "the second one" Enter
line -1 /marked a/
wait /^a 0x/
keys m A "all of them" Enter
line -1 /marked A/
keys M
wait /› marks/
wait /a +the second one +object 0x/
wait /A +all of them +objects -t shop\.sessions/
shot marks
read state/ouro/marks/shop.core-*.json /the second one/
keys Enter
wait /── shop\.sessions\.Session 0x/
keys o "'" A
wait /objects -t shop\.sessions/
keys M Delete
gone /the second one/
keys "'" z
line -1 /no such mark/
keys Q
exit 0
