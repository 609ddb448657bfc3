# SPDX-License-Identifier: GPL-3.0-or-later
# imports: billiard
# finds: fork celery has forked 2 workers, and gc.freeze() was not called: a full collection unshares up to
"""What forks for celery, its billiard."""
import sys

import billiard.pool

TABLE = {n: [n, {"next": n + 1}] for n in range(60000)}

if __name__ == "__main__":
    pool = billiard.pool.Pool(2)
    print("ready")
    sys.stdout.flush()
    sys.stdin.readline()
