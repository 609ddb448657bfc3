# :q, :N, F10, Ctrl-C; the bottom line can be clicked; a place stands once on the way.
start
wait "garbage    1,"
keys t
wait /overview › types$/
keys t t
keys : 10 Enter
wait /^ .* 10\/\d/
keys : 1 Enter
wait /^ .* 1\/\d/
keys : "goto x" Enter
line -1 /goto N: a line number/
keys C-c
line -1 /Ctrl-C once more quits/
keys j
line -1 /\? help/
keys BSpace
# Once back from types, however often t was pressed.
wait /^  target /
keys t
wait /overview › types$/
keys Escape
line -1 /\? help/
click 24 3
wait /--- in this view: types ---/
keys BSpace
wait /overview › types$/
# What a search found is marked, and the order that rows have.
line 2 /bytes▼/
keys / shop Enter
matched shop
keys Escape f "^shop" Enter
matched shop
# The way and the heading say what is filtered; the column that a term names is marked.
wait /overview › types ~\^shop$/
keys f C-u "count>300" Enter
line 2 / count~ +bytes▼ /
wait /overview › types ~count>300$/
keys Escape
line 2 / count +bytes▼ /
# A list that one came through is one place: what lay behind it is ahead.
keys "g" Enter
wait /› types › objects -t str$/
keys t
wait /overview › types$/
keys ]
wait /› types › objects -t str$/
keys Enter
wait /› objects -t str › str 0x[0-9a-f]+$/
keys o
wait /3\.\d+\.\d+ +overview$/
keys : q Enter
exit 0
