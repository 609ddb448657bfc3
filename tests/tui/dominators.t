# The dominator tree unfolds in place, with what each object retains.
start
wait "garbage    1,"
keys : "tree dominators shop.sessions.Session" Enter
wait /what it alone keeps alive +1\d\d\.\d KiB/
wait /\+ \.__dict__ /
keys Down Enter
wait /\['everyone'\]/
shot dominators
# Past the dict and the list: the sessions themselves, and what was passed.
keys .
wait /tree dominators shop\.sessions\.Session --past/
wait /\.__dict__\['everyone'\]\[\d+\]/
keys G
cursor /\d+ more, \d.*KiB/
keys v
wait /passed \d+ plain containers/
keys BSpace
keys .
gone /--past/
# From any object, and from the top.
keys W
wait /- the whole heap +1\d\.\d MiB/
keys Down
cursor /\+ shop\.events +\d\.\d MiB/
keys Right
cursor /- shop\.events +\d\.\d MiB/
wait /\['LISTENERS'\]|\['BUS'\]|\['bus'\]|list/
keys d
wait /tree dominators 0x/
keys e
wait /tree referents 0x/
keys .
line -1 /only the dominator tree/
keys Q
exit 0
