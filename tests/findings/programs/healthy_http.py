# SPDX-License-Identifier: GPL-3.0-or-later
# needs: 3.7
"""http.server with a thread a request, at rest after some hundred requests of urllib."""
import http.server
import json
import sys
import threading
import urllib.error
import urllib.request


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def do_GET(self):
        body = json.dumps({"path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(200 if self.path != "/missing" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 1000}, daemon=True)
thread.start()
base = "http://127.0.0.1:%d/" % server.server_address[1]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for n in range(200):
    assert json.loads(opener.open(base + "page/%d" % n).read())["path"] == "/page/%d" % n
try:
    opener.open(base + "missing")
except urllib.error.HTTPError as error:
    assert error.code == 404
    error.close()
print("ready")
sys.stdout.flush()
sys.stdin.readline()
