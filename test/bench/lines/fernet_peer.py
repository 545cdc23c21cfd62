"""Times Python's cryptography in one warm process: reads {"key", "bytes", "count"} lines, answers seconds per operation."""
import json
import os
import sys
import time

from cryptography.fernet import Fernet

for line in sys.stdin:
    ask = json.loads(line)
    fernet = Fernet(ask["key"])
    message = os.urandom(ask["bytes"])
    count = ask["count"]
    started = time.perf_counter()
    for _ in range(count):
        token = fernet.encrypt(message)
    sealed = time.perf_counter()
    for _ in range(count):
        opened = fernet.decrypt(token)
    ended = time.perf_counter()
    assert opened == message
    answer = {"encrypt": (sealed - started) / count, "decrypt": (ended - sealed) / count, "token": token.decode()}
    print(json.dumps(answer), flush=True)
