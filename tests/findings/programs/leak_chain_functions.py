# SPDX-License-Identifier: GPL-3.0-or-later
"""A client is wrapped again for every token: each function calls the one before it, and all are kept."""
# finds: low chain __main__.HTTP.request leads to a chain of function that keep one another alive: 10,000 of them
# never: chain of tuple
# never: chain of cell
# versions: all
import sys
import time


class Http(object):
    def request(self, url):
        return "200"


HTTP = Http()


def authorize(http, token):
    inner = http.request

    def request(url):
        return inner(url + token)
    http.request = request


for i in range(10000):
    authorize(HTTP, "token %d" % i)

print("ready")
sys.stdout.flush()
time.sleep(1000)
