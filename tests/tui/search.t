# Search forward and backward, around the end, and again.
start
wait "garbage    1,"
keys t / "^shop\." Enter
cursor /shop\./
keys n
cursor /shop\./
keys N
cursor /shop\.sessions\.(Page|Session)/
keys \\ "^str$" Enter
cursor /str/
keys / "no such type" Enter
line -1 /no such type: not found/
keys / "[" Enter
line -1 /\[: /
keys Q
exit 0
