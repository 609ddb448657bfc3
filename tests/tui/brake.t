# The overview says why no full collection comes though its count is past the threshold.
size 160x30
live braked
start
wait /gen 2 .* of 10 \(the 25 % rule postpones generation 2/
keys Q
exit 0
