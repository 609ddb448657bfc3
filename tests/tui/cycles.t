# Cycles by shape; one of them as a ring with the reference to cut.
start
wait "garbage    1,"
keys c
wait /overview › cycles/
wait /Order\.invoice/
cursor /1 .* 350 /
shot cycles
keys Enter
wait /cycles › ring 1/
wait /╭─+ \.order ─+╮/
wait /╰─+ ✂ \.invoice ─+╯/
wait /copies of this shape: 350/
wait /garbage: the next full collection frees them/
wait /break it at Order\.invoice/
wait /why there: without it no ring is left/
wait /its source: .*orders\.py:\d+/
wait /1 ✂ +\.invoice +0x[0-9a-f]+ +shop\.orders\.Order/
wait /2 +\.order +0x[0-9a-f]+ +shop\.orders\.Invoice/
shot ring
keys Down Enter
wait /── shop\.orders\.Invoice 0x/
keys q q
# A self reference is a ring of one.
keys / "Queue" Enter Enter
wait /─ ✂? ?\.(next|previous) ─/
keys Q
exit 0
