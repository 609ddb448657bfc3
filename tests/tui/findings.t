# Findings, on the overview and as a view: each leads to its next step.
start
wait "garbage    1,"
wait /^  findings +\S/
# The first finding: after the lines above it.
keys / "^findings" Enter
cursor /findings +\S/
keys C-j
wait /path 'shop\.events\.REPORTS/
keys BSpace
wait /^  target /
keys F
wait /overview › findings/
line 2 /severity +bytes what/
keys / "reference cycles of garbage" Enter
cursor /350 reference cycles of garbage/
shot findings
keys v
wait /(Order\.invoice|Invoice\.order) \(a weak/
keys BSpace Enter
wait /findings › \S+/
keys Q
exit 0
