# The way from a root in the sidebar: each of its steps is one key away, and a line of the card says it all.
size 120x40
start
wait "garbage    1,"
wait /^  findings +\S/
keys : "object shop.sessions.Session.everyone[7]" Enter
wait /── shop\.sessions\.Session 0x/
wait /── held from a root by 5 ─/
wait /held as +sys\.modules\['shop\.sessions'\]\.Session\.everyone\[7\]/
wait /source +.*sessions\.py:\d+/
wait /│ +3 \['everyone'\] /
shot way
# Up the way, and back.
keys u
wait /── list 0x/
wait /held as +sys\.modules\['shop\.sessions'\]\.Session\.everyone$|held as +sys\.modules\['shop\.sessions'\]\.Session\.everyone +│/
keys BSpace
wait /── shop\.sessions\.Session 0x/
keys M-1
wait /── type 0x/
keys [
wait /── shop\.sessions\.Session 0x/
keys ]
wait /── type 0x/
keys [ M-9
line -1 /the path from a root has no such step/
# The sidebar is a pane like the others.
keys BTab G Up Enter
wait /── list 0x/
keys BSpace
# Narrower, the card still says the way.
resize 80x24
gone /held from a root by/
wait /held as +sys\.modules/
keys Q
exit 0
