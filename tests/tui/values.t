# Tab completes the values of options at the prompt of -i.
shell -i
wait /^\(ouro\) ?$/
keys "types -n 1 --by own" Tab Enter
wait /group +count/
keys "types -n 1 --by=mod" Tab " --sort -cou" Tab Enter
wait /types -n 1 --by=module +--sort -count/
keys "findings -n 1 --severity hi" Tab Enter
wait /findings -n 1 --severity high/
keys "quit" Enter
wait /^\$ ?$/
