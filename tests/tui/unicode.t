# Text of the target: wide characters keep their columns, control codes never arrive.
start
wait "garbage    1,"
keys : "objects -t str" Enter
wait /1\/[0-9,]+/
not /\x1b/
keys Q
exit 0
