# What the next collections would free.
start
wait "garbage    1,"
keys x
wait /types --garbage/
wait /shop\.orders\.Order +350/
keys / "shop.orders.Order" Enter Enter
wait /objects --garbage -t shop\.orders\.Order/
line -1 /1\/350/
keys 0
wait /objects -g 0/
keys C
wait /› collect/
wait /gc_refs|reason/
keys 3
wait /objects -g permanent/
keys Q
exit 0
