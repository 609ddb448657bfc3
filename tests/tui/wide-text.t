# Wide characters take two columns, in the prompt and in tables: what stands behind them is aligned.
start
wait "garbage    1,"
keys : "objects -t shop.sessions.Session" Enter
wait /1\/500/
keys m b "日本語ノート" Enter
line -1 /marked b/
keys Down m c "plain" Enter
line -1 /marked c/
keys M
wait /^  mark note         line /
wait /^  b    日本語ノート object 0x/
wait /^  c    plain        object 0x/
keys : "nope 日本語"
line -1 /^:nope 日本語/
keys BSpace BSpace
line -1 /^:nope 日$/
keys C-c Q
exit 0
