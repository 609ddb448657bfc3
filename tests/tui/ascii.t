# Plain ASCII lines, and no colours.
env NO_COLOR=1
start --ascii
wait "garbage    1,"
keys c Enter
wait /\+-+ \.(order|invoice) -+\+/
wait /\+-+ X \.(order|invoice) -+\+/
colors none
not /[─│╭╮╰╯▶✂›…█]/
keys Q
exit 0
