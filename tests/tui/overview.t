# The first view says what is wrong with this program, and every line leads somewhere.
start
wait "garbage    1,"
line 1 /^ ouro  shop\.core  Python 3\.\d+/
wait /disabled: dead cycles stay/
wait /gc\.garbage holds \d+ objects/
wait /objects are frozen \(gc\.freeze\)/
wait /gen 0 .* objects, .*would free /
wait /permanent .* objects/
wait /^  str  /
line -1 /\? help Q quit/
wait /^  findings +\S/
line -1 /\? help Q quit/
shot overview
# Enter on the line about gc.garbage opens that list.
keys Down Down Down Enter
wait /overview › gc\.garbage/
wait /── list 0x/
keys BSpace
wait /^  target /
# Tab goes to the types.
keys Tab Enter
wait /objects -t str/
keys q q
exit 0
