# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers are kept as attributes of a session under names from outside, and sessions go: in 3.12 the names never do."""
# only: 3.12
# finds: medium interned-strings interned strings that nothing refers to any more
# says: interned-strings never freed
import sys
import time


class Session(object):
    pass


for number in range(300):
    session = Session()
    for answer in range(100):
        setattr(session, "answer_to_a_question_of_the_form_%d_%d" % (number, answer), answer)
for number in range(5000):
    sys.intern("a key that somebody sent us: %d" % number)
del session

print("ready")
sys.stdout.flush()
time.sleep(1000)
