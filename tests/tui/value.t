# A value in full: a text line by line, all attributes of an instance, all items of a list.
start
wait "garbage    1,"
keys : "value shop.sessions.Session.everyone" Enter
wait /^ +1 +\[<shop\.sessions\.Session>, <shop/
keys G
cursor /<shop\.sessions\.Session>\]/
keys BSpace : "object shop.sessions.Session.everyone[3]" Enter
wait /── shop\.sessions\.Session 0x/
keys Tab
cursor /type +shop/
keys =
wait /^ +1 +<shop\.sessions\.Session user='visitor 3'/
keys BSpace : "object typing.__doc__" Enter
wait /value +'/
keys Tab j Enter
wait /^ +1 +'\\n$/
wait /^ +2 +The typing module: /
wait /^ +4 +\S/
keys BSpace Q
exit 0
