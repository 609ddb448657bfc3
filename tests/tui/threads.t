# Threads, one a line, with names; they unfold into calls, and those into locals. Tasks by coroutine and line.
start
wait "garbage    1,"
keys H
wait /^ \+ +thread \d+ MainThread +crashed/
wait /^ \+ +6 x remind\(\) events\.py:\d+ +suspended/
wait /^ \+ +Task-1 serve\(\) leaky\.py:\d+/
not /Watchdog\.run/
keys g / mailer Enter
cursor /thread \d+ mailer/
shot threads
keys Enter
wait /^ - +thread \d+ mailer/
wait /^  \+ +Mailer\.run\(\) events\.py:\d+|^  \+ +Queue\.get\(\)/
keys j Right
wait /^  ·? *self .*<threading\.Condition/
keys Left
gone /^  ·? *self .*<threading\.Condition/
# Left on a line that is folded goes to the one above; what is folded is found, and unfolded.
keys Left
cursor /thread \d+ mailer/
keys Left
gone /Queue\.get\(\) queue/
keys / gotit Enter
cursor /gotit +.*False/
# A task opens; on a variable Enter does.
keys / "remind" Enter
cursor /6 x remind/
keys Enter j Space
wait /── _asyncio\.Task 0x/
keys BSpace
# Sorted and filtered, the lines stand alone.
keys f "^ *(timer|self)$" Enter
gone /MainThread/
keys Enter
wait /── \S+ 0x/
keys BSpace Right
line -1 /sorted or filtered rows do not unfold/
keys Q
exit 0
