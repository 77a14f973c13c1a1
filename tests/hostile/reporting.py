"""The lab that tries what it can see and do, and writes down what it found."""

from tests.infrastructure.process.scripts import SERVE

REPORT = (
    SERVE
    + '''
import json, os, resource, signal, threading, time

home = os.environ["HOME"]
lab = os.path.dirname(home)
labs = os.path.dirname(lab)
data = os.path.dirname(labs)

def readable(path):
    try:
        with open(path, "rb") as file:
            file.read(1)
        return True
    except OSError:
        return False

def listed(path):
    try:
        return sorted(os.listdir(path))
    except OSError as error:
        return error.strerror

def writable_below(top):
    found = []
    for directory, _, names in os.walk(top):
        found += [name for name in names if os.access(os.path.join(directory, name), os.W_OK)]
    return found

def fills(directory):
    """How many MiB go into a directory, 8 at most."""
    written = 0
    try:
        with open(directory + "/filling", "wb") as file:
            while written < 8:
                file.write(bytes(1 << 20))
                file.flush()
                written += 1
    except OSError:
        pass
    try:
        os.unlink(directory + "/filling")
    except OSError:
        pass
    return written

def forks():
    """How many children can be there at once, 200 at most."""
    children = []
    try:
        while len(children) < 200:
            pid = os.fork()
            if pid == 0:
                time.sleep(600)
                os._exit(0)
            children.append(pid)
    except OSError:
        pass
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return len(children)

def memory():
    """How a child ends that takes 600 MiB."""
    pid = os.fork()
    if pid == 0:
        try:
            taken = bytearray(600 << 20)
            for at in range(0, len(taken), 4096):
                taken[at] = 1
        except MemoryError:
            os._exit(3)
        os._exit(0)
    return os.waitpid(pid, 0)[1]

def reserves():
    """Whether 8 GiB can be reserved without being used, as WebAssembly does."""
    import mmap
    try:
        mmap.mmap(-1, 8 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=0).close()
        return True
    except (OSError, ValueError):
        return False

status = dict(line.split(":", 1) for line in open("/proc/self/status"))
found = {
    "user": os.getuid(),
    "group": os.getgid(),
    "groups": [group for group in os.getgroups() if group != os.getgid()],
    "capabilities": [int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")],
    "no_new_privs": int(status["NoNewPrivs"]),
    "shadow": readable("/etc/shadow"),
    "secrets": [name for name in ("admin.token", "labs.sqlite", "kubeconfig", "service.lock")
                if readable(data + "/" + name)],
    "labs": listed(labs),
    "own": listed(lab),
    "others": [name for name in listed("/proc") if name.isdigit()
               and readable("/proc/" + name + "/environ") and int(name) not in
               (os.getpid(), os.getppid())],
    "processes": len([name for name in os.listdir("/proc") if name.isdigit()]),
    "kernel": writable_below("/proc/sys"),
    "system": [path for path in ("/etc", "/usr", "/usr/bin", "/sys", "/proc/sys", labs, lab, data)
               if os.access(path, os.W_OK)],
    "environment": dict(os.environ),
    "temporary": fills("/tmp"),
    "shared_memory": fills("/dev/shm"),
    "forks": forks(),
    "memory": memory(),
    "reserves": reserves(),
    "writes": os.access(home, os.W_OK) and os.access(home, os.R_OK),
}
with open(home + "/found.new", "w") as file:
    json.dump(found, file)
os.rename(home + "/found.new", home + "/found.json")
serve()
'''
)
