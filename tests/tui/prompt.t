# The prompt: completion, history on disk, errors as sentences, Esc gives up.
start
wait "garbage    1,"
keys : "obj" Tab
wait /^object +objects/
keys "s -t shop.ord" Tab
line -1 /^:objects -t shop\.orders\./
keys Escape
line -1 /help/
keys : "nonsense" Enter
line -1 /no command nonsense; `help` lists them/
keys : "types -q" Enter
line -1 /types.*-q|option/
keys : "object 0x1" Enter
line -1 /0x1/
keys : "object sys.modules" Enter
wait /── dict 0x/
keys : Up
line -1 /^:object sys\.modules/
keys C-c
read state/ouro/history /object sys\.modules/
keys a "sys" Enter
wait /── module 0x/
keys Q
exit 0
