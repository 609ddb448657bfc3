# v shows a line in full; columns that did not fit are reached sideways.
start
wait "garbage    1,"
keys t Right
line 2 /^◀ type/
keys Left
line 2 /^  type/
keys v
wait /› row/
wait /untracked +[0-9]/
keys Enter
wait /› types$/
keys Q
exit 0
