# Without tracemalloc the keys for it say so, and the screen stays.
start
wait "garbage    1,"
keys T
wait /tracemalloc was not on/
keys t
wait /overview › types$/
keys A
wait /tracemalloc was not on/
line 2 /type +count +bytes/
keys Q
exit 0
