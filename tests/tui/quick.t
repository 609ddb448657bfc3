# Keys typed ahead, before anything is there, are not lost; Esc on the first screen does no harm.
start
keys t
wait /overview › types$/
keys Enter Enter
wait /refers to/
keys q q q
wait /^  target/
keys Escape Escape
line 1 /overview/
keys q
exit 0
