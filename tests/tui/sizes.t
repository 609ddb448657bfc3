# The main views at 80x24, 120x40 and 200x60: what they are about is there, and no number is cut.
start
wait "garbage    1,"
wait /^  findings +\S/
sizes /^  gen 2 .*objects, \d/
keys t
sizes /^  str +[\d,]+ +\d\.\d MiB/
keys b
sizes /^  shop\.orders +770 /
keys O
sizes /^  0x[0-9a-f]+ +\S+ .*\d/
keys x
sizes /^  shop\.orders\.Order +350 /
keys c
sizes /shop\.orders\.Invoice/
keys Enter
sizes /shop\.orders\.Order|Invoice/
keys F
sizes /shop\.events\.REPORTS: 4 closures/
keys R
sizes /^ \+  0x[0-9a-f]+ dict .* 3\d\.\d %/
keys W
sizes /─\+ shop\.events +\d\.\d MiB/
keys H
sizes /^ \+ +thread \d+ MainThread/
keys C
sizes /^  0x[0-9a-f]+ /
keys I
sizes /^  type +objects .*unexplained/
keys : memory Enter
sizes /python objects/
keys i
sizes /^  target +kind/
keys : "object shop.sessions.Session.everyone" Enter
sizes /── list 0x[0-9a-f]+ ──/
keys p
sizes /shop\.sessions/
keys r
sizes /who refers to/
keys ?
sizes /--- in this view: tree ---/
keys Q
exit 0
