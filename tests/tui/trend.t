# Trends: the process above, a row for each type, and Enter compares it with the first moment.
live collector
size 140x24
start
wait /^  target /
keys : "diff $CORE --trend --ceiling 900G" Enter
wait /rows +.*(grew|shrank|shrinks|grows)/
line 2 /process +\S\S  .* at the last of 2 moments, (no rate is known|[-+][0-9.]+ .*iB.h)/
wait /type +verdict +trend +first +last/
keys / "^property" Enter
cursor /property +(grows|shrinks) at every step/
keys Enter
wait /path +before +after/
line 1 /diff .*--by path -t p/
keys BSpace b "memory" Enter
wait /row +verdict +trend/
keys Enter
wait /before +after/
keys BSpace
wait /row +verdict +trend/
keys Q
exit 0
