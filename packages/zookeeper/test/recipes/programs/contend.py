# Contends for a lock as kazoo does it, under Curator's names or under its own. Understands the same words as contend.ts and Contend.java.
import os
import sys
import time

from kazoo.client import KazooClient
from kazoo.recipe.lock import Lock


class CuratorLock(Lock):
    _NODE_NAME = "-lock-"
    _EXCLUDE_NAMES = ["lock-"]


def say(line):
    print(line, flush=True)


def append(history, line):
    with open(history, "a") as file:
        file.write(line + "\n")


recipe, servers, path, name, history, rounds = sys.argv[1:7]
client = KazooClient(hosts=servers, timeout=20.0)
client.start(timeout=60)
say("ready")
sys.stdin.readline()
for _ in range(int(rounds)):
    lock = CuratorLock(client, path, name) if recipe == "lock" else client.Lock(path, name, extra_lock_patterns=["-lock-"])
    with lock:
        token = client.exists(path + "/" + lock.node).czxid
        guard = os.open(history + ".held", os.O_CREAT | os.O_EXCL)  # Fails where somebody else holds it.
        append(history, "enter %s %d" % (name, token))
        time.sleep(0.005)
        append(history, "leave %s %d" % (name, token))
        os.close(guard)
        os.unlink(history + ".held")
say("done")
client.stop()
client.close()
