# A process that is held still, and a copy of one.
live held
start --hold
wait /target +process \d+, held still: /
not "process of process"
keys Q
exit 0
