# ? is made of the key table: what the view has, then what all have; Enter does what the key does.
start
wait "garbage    1,"
keys t ?
wait /types › help/
wait /--- in this view: types ---/
wait /Enter +the objects of this type/
wait /--- everywhere ---/
shot help
keys / "cycles, grouped" Enter Enter
wait /types › cycles/
keys BSpace
keys : "help types" Enter
wait /objects and bytes by type/
keys Q
exit 0
