"""Makes a vault file wrong in one way: tamper.py HOW FILE."""

import copy
import hashlib
import json
import sys


def canonical(value):
    # Enough of RFC 8785 for a slot: ASCII text and integers.
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def resum(slot):
    del slot["sum"]
    slot["sum"] = hashlib.sha256(canonical(slot)).hexdigest()[:16]


def set_iterations(count):
    def edit(vault):
        vault["slots"][0]["kdf"]["iterations"] = count
        resum(vault["slots"][0])

    return edit


def unknown_version(vault):
    vault["version"] = 2
    vault["minReader"] = 2


def newer_reader(vault):
    vault["minReader"] = 2


def replaced_token(vault):
    first, second = live(vault)[:2]
    first["secret"] = copy.deepcopy(second["secret"])


def live(vault):
    """Credential records; the device's own has no secret."""
    return [record for record in vault["records"] if "secret" in record and record["secret"]]


def dropped_record(vault):
    vault["records"].remove(live(vault)[0])


def swapped_records(vault):
    first, second = live(vault)[:2]
    first["id"], second["id"] = second["id"], first["id"]


def history_as_record(vault):
    old = next(record for record in vault["records"] if record["hist"])
    entry = old["hist"].pop(0)
    moved = {**copy.deepcopy(old), **entry, "id": "00000000-0000-4000-8000-000000000001", "hist": []}
    vault["records"].append(moved)


def edited_slot(vault):
    vault["slots"][0]["kdf"]["iterations"] += 1


def edited_slot_resummed(vault):
    edited_slot(vault)
    resum(vault["slots"][0])


edits = {
    "kdf-too-low": set_iterations(1_000),
    "kdf-too-high": set_iterations(2_000_000_000),
    "unknown-version": unknown_version,
    "newer-reader": newer_reader,
    "replaced-token": replaced_token,
    "dropped-record": dropped_record,
    "swapped-records": swapped_records,
    "history-as-record": history_as_record,
    "edited-slot": edited_slot,
    "edited-slot-resummed": edited_slot_resummed,
}

how, path = sys.argv[1:]
with open(path, "rb") as file:
    content = file.read()
if how == "broken-json":
    content = content[:-2]
elif how == "half-file":
    content = content[: len(content) // 2]
elif how == "empty-file":
    content = b""
else:
    vault = json.loads(content)
    edits[how](vault)
    content = json.dumps(vault).encode()
with open(path, "wb") as file:
    file.write(content)
