# Neighbours and paths for Graphviz.
core held

$ ouro $CORE graph __main__.OWNER
  //dot
  digraph heap {
  ...
  }
$ ouro --json $CORE graph __main__.OWNER --paths 1
@ sum(" -> " in row["//dot"] for row in rows) == 2 and "sys.modules['__main__']" in text and "['OWNER']" in text
$ ouro --json $CORE graph __main__.BIG -w 5
@ sum(" -> " in row["//dot"] for row in rows) <= 10
$ ouro --json $CORE graph __main__.OWNER -o $TMP/owner.dot && grep -c digraph $TMP/owner.dot
  {"summary":*
  1
$ ouro $CORE graph __main__.OWNER -T svg
? 2
! ouro: graph: -T svg needs a file: -o FILE
$ ouro --untrusted --sysroot / $CORE graph __main__.OWNER -T svg -o $TMP/untrusted.svg; ls $TMP | grep -c untrusted
? 1
  0
! ouro: --untrusted runs no Graphviz: -T dot writes its input
