# The filter row: operators, columns, regular expressions, how many rows it hides; empty lists say why.
start
wait "garbage    1,"
keys t f ">1M" Enter
wait /filter >1M: [0-9,]+ of [0-9,]+ rows hidden/
wait /^  str /
not /^  float /
keys f C-u "count 500..500" Enter
wait /shop\.sessions\.Session +500/
not /^  str /
keys f C-u "type=dict" Enter
wait /^  dict /
line -1 /1\/1 of /
keys f C-u "^shop & garbage>0" Enter
wait /shop\.orders\.Order /
not /shop\.sessions\.Session/
keys f C-u "nothing has this name" Enter
wait /the filter hides all rows; Esc shows them again/
keys Escape
wait /^  str /
not /filter/
keys f ">1 (" Enter
line -1 /1 \(|filter/
keys f C-u "(" Enter
line -1 /\(: /
keys : "objects -t shop.sessions.Session --garbage" Enter
wait /no object matches; fewer options show more/
keys Q
exit 0
