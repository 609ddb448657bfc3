# 200x60: the overview has the types beside it.
size 200x60
start
wait "garbage    1,"
wait /│  type +count +bytes/
shot overview-wide
keys Tab Enter
wait /objects -t str/
keys Q
exit 0
