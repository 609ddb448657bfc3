# A terminal that nobody knows gets a sentence.
term no-such-terminal
start
exit 1
read stderr /^ouro: TERM=no-such-terminal: unknown terminal/
