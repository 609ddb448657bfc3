# A terminal that cannot move its cursor gets the rows of `info` instead of the screen.
term dumb
start
wait /coverage +/
not /ouro  shop\.core/
exit 0
