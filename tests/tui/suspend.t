# C-z leads to the shell and fg back; the window's size is followed before, meanwhile and afterwards, whatever a shell
# or gdb's readline exported.
env COLUMNS=60
env LINES=15
shell
wait "garbage    1,"
keys t
wait /type +count/
line -1 /1\//
resize 120x40
line -1 /1\//
keys C-z
wait /^\$ ?$/
resize 200x30
keys "fg" Enter
wait /object\s*$/
line -1 /1\//
line 2 /type +count +bytes/
resize 90x20
line -1 /1\//
keys C-z
wait /^\$ ?$/
keys "fg" Enter
wait /type +count/
line -1 /1\//
resize 130x45
line -1 /1\//
keys Q
wait /^\$ ?$/
