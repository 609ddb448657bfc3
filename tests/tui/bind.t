# ourorc has the grammar of the prompt: own keys, settings; its errors are told.
file config/ouro/ourorc # mine\nset colors never\nbind types F2 objects -t %t --min-size 1K\nbind * Z types --garbage\nbind nowhere x types\n
start
wait "garbage    1,"
colors none
keys Z
wait /› types --garbage/
keys : "bind * Z" Enter
keys o Z
line -1 /Z is not bound here/
keys t F2
wait /objects -t str --min-size 1K/
keys q ?
wait /F2 +bound in ourorc/
keys : "bind types nokey types" Enter
line -1 /no such key/
keys Q
exit 0
