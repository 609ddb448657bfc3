# doc/collector.md: what it shows, step by step.
core collector
$ ouro --json $CORE collect
@ sorted(row["type"] for row in rows) == ["__main__.Node", "__main__.Node", "__main__.Tail"] and summary["returns"] == 3
# A tail hangs from the ring.
$ ouro $CORE collect --explain $(ouro -q --json $CORE collect | grep '"__main__.Tail"' | grep -o '0x[0-9a-f]*' | head -1)
  step * count * what * object
  refcount * 1 * its refcount, copied * 0x*
  subtract * -1 * __main__.Node.tail * 0x*
  gc_refs * 0 * references from outside of the candidates * 0x*
  hangs * 1 * __main__.Node.tail * 0x*
  ring * 1 * __main__.Node.next * 0x*
  ring * 2 * __main__.Node.next * 0x*
  fate * - * unreachable: every reference comes from within * 0x*
# A chain rescues what HELD leads to.
$ ouro $CORE collect --explain __main__.HELD.next.tail
  step * count * what * object
  refcount * 1 * its refcount, copied * 0x*
  subtract * -1 * __main__.Node.tail * 0x*
  gc_refs * 0 * references from outside of the candidates * 0x*
  rescue * 0 * whose gc_refs stay at *
  ...
  rescue * __main__.Node.next * 0x*
  rescue * __main__.Node.tail * 0x*
  ...
  fate * - * reachable from an object that is held * 0x*
# When the next one comes: never, here.
$ ouro $CORE info --quick
  ...
  gc * next_what * none: automatic collection is off (gc.disable)
  ...
# The page's commands are these.
$ grep -c '^\$ ouro demo' $SOURCE/doc/collector.md
  4
