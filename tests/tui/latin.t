# Without a UTF-8 locale nothing beyond ASCII is sent.
env LC_ALL=C
env LANG=C
start
wait "garbage    1,"
not /[^ -~\n]/
keys c Enter
wait /ring 1/
not /[^ -~\n]/
keys Q
exit 0
