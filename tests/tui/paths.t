# Why an object is alive; without some of the ways; and with them again.
size 120x40
start
wait "garbage    1,"
keys : "path shop.sessions.Session.everyone" Enter
wait /\['everyone'\]/
line -1 /name sys\.modules\['shop\.sessions'\]\.Session\.everyone, paths \d/
shot paths
keys Down
cursor /1 \['Session'\]/
keys X
wait /--hide 0x[0-9a-f]+$/
keys BSpace
cursor /1 \['Session'\]/
keys x
wait /--hide type$/
keys Down x
wait /--hide type|no such path leads to it/
keys : "path shop.sessions.Session.everyone --hide dict --hide type" Enter
wait /no such path leads to it/
keys BSpace BSpace
wait /\['everyone'\]/
keys Q
exit 0
