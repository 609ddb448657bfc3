# Cycles by shape; one of them as a ring with the reference to cut.
start
wait "garbage    1,"
keys c
wait /overview › cycles/
wait /Invoice\.order/
cursor /1 .* 350 /
shot cycles
keys Enter
wait /cycles › ring 1/
wait /╭─+ \.invoice ─+╮/
wait /╰─+ ✂ \.order ─+╯/
wait /copies of this shape: 350/
wait /garbage: the next full collection frees them/
wait /break it at Invoice\.order/
wait /why there: without it no cycle is left: refcounts free everything at once/
wait /its source: .*orders\.py:\d+/
wait /1 ✂ +\.order +0x[0-9a-f]+ +shop\.orders\.Invoice/
wait /2 +\.invoice +0x[0-9a-f]+ +shop\.orders\.Order/
shot ring
keys Down Enter
wait /── shop\.orders\.Order 0x/
keys q q
# A self reference is a ring of one.
keys / "Queue" Enter Enter
wait /─ ✂? ?\.(next|previous) ─/
keys Q
exit 0
