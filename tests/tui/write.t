# :write saves what is shown, as text, JSON Lines or CSV.
start
wait "garbage    1,"
keys t f "^shop" Enter
wait /filter/
keys w "$HOME/types.csv" Enter
line -1 /rows written to/
read types.csv /^type,count,bytes/
read types.csv /^shop\.sessions\.Session,500,/
keys : "write $HOME/types.jsonl" Enter
line -1 /types\.jsonl/
read types.jsonl /"type": ?"shop\.sessions\.Session"/
read types.jsonl /"summary"/
keys : "write $HOME/types.txt" Enter
read types.txt /^shop\.sessions\.Session +500/
# What a spreadsheet would take for a formula is text.
keys : "sql \"SELECT '=1+1' AS a, -1 AS b\"" Enter
line 1 /sql/
keys w "$HOME/formula.csv" Enter
line -1 /rows? written/
read formula.csv /^'=1\+1,-1/
keys : "write /no/such/folder/x" Enter
line -1 /No such file or directory/
keys Q
exit 0
