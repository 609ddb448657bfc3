# Sorting by any column, either way, back to the order they came in.
start
wait "garbage    1,"
keys : "sort count" Enter
line -1 /order of their own/
keys t : "sort count" Enter
line 2 /count▼/
cursor /str/
keys S
line 2 /count▲/
cursor / 1 /
keys : "sort type" Enter
line 2 /type▲/
keys : "sort none" Enter
cursor /str/
keys s
line 2 /type▲/
keys >
line 2 /count▼/
keys <
line 2 /type▲/
keys : "sort height" Enter
line -1 /sort: no column height/
keys Q
exit 0
