"""Answers each JSON line with one: seals, opens and derives with Python's cryptography, until standard input ends."""
import json
import sys

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC


def answer(ask):
    if "seal" in ask:
        return Fernet(ask["key"]).encrypt_at_time(bytes.fromhex(ask["seal"]), ask["time"]).decode()
    if "open" in ask:
        try:
            return Fernet(ask["key"]).decrypt(ask["open"].encode()).hex()
        except InvalidToken:
            return None
    salt, secret = bytes.fromhex(ask["salt"]), bytes.fromhex(ask["secret"])
    if "info" in ask:
        return HKDF(SHA256(), 32, salt, ask["info"].encode()).derive(secret).hex()
    return PBKDF2HMAC(SHA256(), 32, salt, ask["iterations"]).derive(secret).hex()


for line in sys.stdin:
    sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
