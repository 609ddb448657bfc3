# The whole collection in stages; Enter lists the objects of one.
start
wait "garbage    1,"
keys C
wait /overview › collect/
keys b
wait /candidates +[0-9,]+ /
wait /cost +/
keys / "^reachable" Enter
cursor /reachable/
keys Enter
wait /collect --stage reachable -g 2/
wait /reachable from/
keys BSpace b
wait /object +type +bytes/
keys Q
exit 0
