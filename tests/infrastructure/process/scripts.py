"""Programs that tests run as labs; each serves its port to whoever has the token."""

SERVE = """
import http.server, sys
port, token = int(sys.argv[1]), open(sys.argv[2]).read()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.headers.get("Authorization") == "Bearer " + token
        self.send_response(200 if known else 403)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass
def serve():
    http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""

PLAIN = SERVE + "serve()\n"

ESCAPING = (
    SERVE
    + """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open(os.environ["HOME"] + "/escaped", "w").write("yes")
        while True:
            time.sleep(60)
    os._exit(0)
os.wait()
serve()
"""
)

REPORTING = (
    SERVE
    + """
import json, os, resource
def listed(path):
    try:
        return sorted(os.listdir(path))
    except OSError as error:
        return error.strerror
def writable(path):
    try:
        open(path + "/trial", "w").close()
        os.unlink(path + "/trial")
        return True
    except OSError:
        return False
home = os.environ["HOME"]
seen = {
    "environment": dict(os.environ),
    "data": listed(os.path.dirname(os.path.dirname(os.path.dirname(home)))),
    "labs": listed(os.path.dirname(os.path.dirname(home))),
    "own": listed(os.path.dirname(home)),
    "writable": {place: writable(place) for place in ("/etc", "/usr", home, os.getcwd())},
    "cwd": os.getcwd(),
    "pids": [int(name) for name in os.listdir("/proc") if name.isdigit()],
    "capabilities": [line for line in open("/proc/self/status") if line.startswith("CapEff")],
    "nofile": resource.getrlimit(resource.RLIMIT_NOFILE),
    "memory": resource.getrlimit(resource.RLIMIT_DATA),
    "processes": resource.getrlimit(resource.RLIMIT_NPROC),
    "address_space": resource.getrlimit(resource.RLIMIT_AS),
    "user": os.getuid(),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
}
open(home + "/seen.json", "w").write(json.dumps(seen))
serve()
"""
)

TALKING = (
    SERVE
    + """
import threading, time
print("the token is", token, flush=True)
def talk():
    number = 0
    while True:
        number += 1
        print("line", number, "x" * 100, flush=True)
        if number % 50 == 0:
            time.sleep(0.01)
threading.Thread(target=talk, daemon=True).start()
serve()
"""
)

FAILING = SERVE + 'print("cannot go on with", token, flush=True)\nsys.exit(3)\n'

SLEEPING = "import time\ntime.sleep(600)\n"

PATIENT = (
    SERVE
    + """
import time
while True:
    try:
        serve()
    except OSError:
        time.sleep(0.02)
"""
)

STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(os.environ["HOME"] + "/deaf", "w").close()
time.sleep(600)
"""

LEAVING = (
    SERVE
    + """
import os, threading, time
server = http.server.HTTPServer(("127.0.0.1", port), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
leave = os.environ["HOME"] + "/leave"
while not os.path.exists(leave):
    time.sleep(0.02)
os.unlink(leave)
server.shutdown()
server.server_close()
time.sleep(600)
"""
)
