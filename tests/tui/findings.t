# Findings, on the overview and as a view: each leads to its next step.
start
wait "garbage    1,"
wait /^  findings +\S/
keys / "rings of garbage" Enter
cursor /350 rings of garbage/
keys C-j
wait /overview › cycles --garbage/
keys BSpace
keys F
wait /overview › findings/
line 2 /severity +bytes what/
keys / "rings of garbage" Enter
cursor /350 rings of garbage: Order\.invoice -> Invoice\.order/
shot findings
keys v
wait /Order\.invoice \(a weak/
keys BSpace Enter
wait /findings › cycles --garbage/
keys Q
exit 0
