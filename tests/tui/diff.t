# D compares with another core; Enter on a type goes to its new objects.
start
wait "garbage    1,"
keys D
wait /:diff/
keys "$CORE" Enter
wait "nothing has changed"
keys BSpace D "/nowhere/at-all.core" Enter
wait /at-all\.core: No such file/
keys : "diff $CORE --runs" Enter
wait "nothing has changed"
# b goes through the rows that diff has; by path, Enter opens the holder.
keys b
wait /diff --by module /
keys b
wait /diff --by path /
keys Q
exit 0
