# A root's name has blanks: it is completed within quotes, and means what it holds; at the screen's prompt, and at -i's.
start
wait "garbage    1,"
keys : "object " '"local wor' Tab
line -1 /^:object "local workers in main\(\) leaky\.py:\d+"/
keys Enter
wait /── tuple 0x/
wait /held as +thread \d+ main\(\) leaky\.py:\d+ local workers/
keys : "path " '"thr' Tab
line -1 /^:path "thread \d+/
keys C-c
keys Q
exit 0
start -i
wait "(ouro)"
keys "referrers sys.path -n 1" Enter
wait /\['path'\]/
keys "object " '"local wor' Tab
wait /object "local workers in main\(\) leaky\.py:\d+"/
keys Enter
wait /root +thread \d+ main\(\) leaky\.py:\d+ local workers/
keys "exit" Enter
exit 0
