# A long list's first rows are there at once; whatever needs all of them waits for all.
start
wait "garbage    1,"
keys O
wait /overview › objects$/
line -1 /1\/\d+,\d\d\d /
keys G
line -1 /(\d+,\d\d\d)\/\1 +100 %/
keys O G
line -1 /(\d+,\d\d\d)\/\1 +100 %/
keys O f "no such text" Enter
wait "the filter hides all rows"
line 1 /objects ~no such text$/
keys Escape f C-u "type=shop.sessions.Session" Enter
line -1 /1\/500 of \d+,\d\d\d/
keys O / "zz no such text" Enter
line -1 /no match|not found|nothing/
keys O w "$HOME/all.csv" Enter
line -1 /\d+,?\d\d\d rows written/
keys 1 G
line -1 /(\d+,\d\d\d)\/\1 /
keys BSpace
line -1 /\/\d+,\d\d\d/
keys Q
exit 0
