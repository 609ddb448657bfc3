# What keeps memory alive, one line a leak: what an object dominates is folded below it.
size 120x40
start
wait "garbage    1,"
keys R
wait /^ \+  0x[0-9a-f]+ dict +832 B +\d\.\d MiB .* 3\d\.\d %/
not /function make_report\.<locals>\.report/
keys Space
wait /^ -  0x[0-9a-f]+ dict/
wait /^  \+ 0x[0-9a-f]+ list +88 B/
not /function make_report\.<locals>\.report$/
keys E
wait /function make_report\.<locals>\.report/
keys Space
gone /^  \+ 0x[0-9a-f]+ list +88 B/
# Other rows: groups, where it piles up, and back.
keys b
wait /overview › retained --by type$/
line 2 /retained▼? +share/
keys b b b
wait /retained --by thread$/
keys b
wait /retained --drops$/
wait /greatest/
keys b
wait /overview › retained$/
wait /^ \+  0x/
# Sorted, all rows stand alone; and folded again.
keys : "sort type" Enter
gone /^ \+  0x/
keys : "sort none" Enter
wait /^ \+  0x/
# The tree of dominators calls modules by their names.
keys W
wait /─\+ shop\.events +\d\.\d MiB/
wait /─\+ shop\.sessions +\d/
keys Q
exit 0
