# B: the memory of the object under the cursor, word by word.
size 110x30
start
wait "garbage    1,"
keys : "objects -t shop.orders.Order --garbage" Enter
wait /1\/350/
keys B
wait /bytes 0x[0-9a-f]+/
wait /0x[0-9a-f]+ +0x[0-9a-f]+ +.*refcount/
wait /shop\.orders\.Order/
keys q
wait /1\/350/
keys Q
exit 0
