# y and Y put an address, or gdb's expression for it, on the clipboard.
start
wait "garbage    1,"
keys : "objects -t shop.sessions.Session" Enter
wait /1\/500/
keys y
line -1 /copied 0x[0-9a-f]+/
keys Y
line -1 /copied \*\(PyObject \*\)0x[0-9a-f]+/
keys o y
line -1 /no object on this line/
keys "!"
line -1 /not in gdb/
keys Q
exit 0
