# What would be freed if references were not there: marked one by one, and taken back.
size 120x40
start
wait "garbage    1,"
keys : "path shop.sessions.PAGE_CACHE" Enter
wait /\['PAGE_CACHE'\]/
keys End -
wait /retained --without/
wait /freed by/
keys : "without shop.orders" Enter
wait /--without .*--without shop\.orders/
keys : "without shop.orders" Enter
gone /shop\.orders/
keys : "without none" Enter
wait "no reference is ignored"
keys Q
exit 0
