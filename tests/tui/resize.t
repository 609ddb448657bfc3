# Every size works; too small says so and comes back.
start
wait "garbage    1,"
resize 120x40
wait /faults|coverage/
wait /^  target .*core of process \d+, signal 6:/
keys t
wait /permanent +untracked|untracked/
resize 200x60
wait /object\s*$/
resize 40x10
wait /40x10 is too small for the screen/
resize 80x24
line 2 /type +count +bytes/
line -1 /1\//
keys Q
exit 0
