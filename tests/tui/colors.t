# 16 colours, 256 colours, and `set`.
term xterm
start
wait "garbage    1,"
colors some
keys : "set colors never" Enter
keys C-l t
wait /› types/
colors none
keys : "set colors always" Enter
keys C-l o
wait /^  target/
colors some
keys : "set colors purple" Enter
line -1 /auto, always or never/
keys Q
exit 0
