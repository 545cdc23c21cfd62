"""Answers JSON lines with Python's cryptography: {"seal": hex, "key", "time"} or {"open": token, "key"}."""
import json
import sys

from cryptography.fernet import Fernet, InvalidToken

for line in sys.stdin:
    ask = json.loads(line)
    fernet = Fernet(ask["key"])
    if "seal" in ask:
        answer = fernet.encrypt_at_time(bytes.fromhex(ask["seal"]), ask["time"]).decode()
    else:
        try:
            answer = fernet.decrypt(ask["open"].encode()).hex()
        except InvalidToken:
            answer = None
    print(json.dumps(answer))
