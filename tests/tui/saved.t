# A saved heap on the screen: the same views.
saved
start
wait /target +saved of process/
wait "garbage    1,"
keys t f "^shop.sessions.Session" Enter
wait /shop\.sessions\.Session +500/
keys Enter
wait /<shop\.sessions\.Session( user|>)/
keys : "object shop.sessions.PAGE_CACHE" Enter
wait "article/0?visitor=0"
keys p
wait "name sys.modules['shop.sessions']"
keys Q
exit 0
