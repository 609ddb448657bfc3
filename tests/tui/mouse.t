# The wheel scrolls, a click selects, a second one opens, a heading sorts.
start
wait "garbage    1,"
keys t f "^(str|bytes|list|code|tuple|int)$" Enter
# The way says what is filtered.
wait /types ~\^\(str\|bytes\|list\|code\|tuple\|int\)\$$/
keys : "sort type" Enter
line 2 /type▲/
click 6 5
cursor /list/
wheel down 10 10
cursor /tuple/
wheel up 10 10
cursor /int|list/
click 2 5
line 2 /type▼/
click 2 5
line 2 /type▲/
keys : "sort count" Enter
line 2 /count▼/
click 3 5
click 3 5
wait /objects -t str/
# None has as many referrers everywhere as the pane above has lines.
keys : "object None" Enter
wait /refers to/
# A click into another pane brings the keys there.
click 16 5
keys g
cursor /type +NoneType/
keys Q
exit 0
