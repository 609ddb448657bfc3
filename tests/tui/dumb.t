# A terminal that cannot move its cursor gets a sentence, and nothing is drawn.
term dumb
start
exit 1
read stderr /TERM=dumb: this terminal cannot move its cursor/
