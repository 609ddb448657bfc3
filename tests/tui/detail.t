# The pane under a table: the line in full, at every width; z takes it away.
start
wait "garbage    1,"
keys F
wait /overview › findings/
wait /^ +what   shop\.events\.REPORTS/
wait /^ +why    a closure keeps/
# The sentence is the widest column.
line 2 /bytes what {40,}/
keys z
gone /^ +what   shop/
keys z
wait /^ +what   shop/
# It follows the cursor.
keys / "350 reference cycles" Enter
wait /^ +what   350 reference cycles of garbage through shop\.orders\.Invoice/
resize 120x40
wait /^ +why    .*gc\.disable/
wait /severity low +kind garbage-rings +bytes/
line 2 /bytes what {80,}/
resize 200x60
wait /^ +severity low +kind garbage-rings .*next cycles --garbage/
line 2 /objects what {110,}/
# Columns that have no value are not there; those that found no room are in the pane.
resize 80x24
keys R
wait /overview › findings › retained/
line 2 /object +type +bytes +retained +share +preview/
wait /^ +object 0x[0-9a-f]+ +type \S+ +bytes .* retained /
keys : "set detail off" Enter
gone /^ +object 0x[0-9a-f]+ +type \S+ +bytes/
keys Q
exit 0
