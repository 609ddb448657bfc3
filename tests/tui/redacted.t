# A redacted heap on the screen: types, sizes and references; no value anywhere.
saved --redact
start
wait /target +saved of process/
wait /350 reference cycles of garbage/
keys t f "^shop" Enter
wait /shop\.sessions\.Session +500/
keys Enter Enter
wait /value +-/
wait /\.\? /
not /visitor/
keys : "threads" Enter
wait "this heap is redacted"
keys Q
exit 0
