# Passwords and vault files that are not right. Needs no server.

new_home home
printf 'canary-%s' "$(head -c 12 /dev/urandom | base64 | tr -d '+/=')" >"$WORK/secret"
for name in one two; do
  expect 0 - credential add "$name" --type sftp --field host=192.0.2.1 --field user=u --secret-file "password=$WORK/secret"
done
expect 0 - credential edit one --field user=v

# -- the command line
expect 2 usage
expect 2 usage vault
expect 2 usage vault fortify
expect 2 usage fly
expect 2 usage vault init --loudly
expect 2 usage --password-fd 0 --password-file "$WORK/secret" vault status
expect 2 usage credential add x --type sftp --field
expect 2 bad-request credential add x --type sftp --field hots=h --field user=u
expect 2 bad-request credential add x --type sftp --field user=u
expect 2 bad-request credential add x --type sftp --field host=h --field user=u --field port=99999
expect 2 unsupported credential add x --type gopher
(
  unset FERNSYNC_PASSWORD_FILE
  # Without a terminal there is nobody to ask.
  WRAP='setsid -w' expect 3 locked credential list
  says '--password-file'
  exit "$failures"
) || failures=$((failures + $?))
count=$((count + 1))
WRAP='' expect 0 - --home "$WORK/home" vault status
holds "d['state'] == 'locked' and d['records'] == 3 and d['slots'][0]['iterations'] == 600000"

# -- wrong passwords: each costs one derivation and is counted; then a pause, which the right one must keep as well
printf 'not the password at all' >"$WORK/wrong"
cp -a "$WORK/home" "$WORK/guessed"
wrong=0
until [ "$wrong" -ge 9 ]; do
  FERNSYNC_PASSWORD_FILE=$WORK/wrong run --home "$WORK/guessed" credential list
  [ $? = 3 ] || fail 'a wrong password does not end with 3'
  holds "d['error']['code'] in ('wrong-password', 'throttled')"
  [ "$(json "d['error']['code']")" = wrong-password ] || break
  told wrong-password
  wrong=$((wrong + 1))
done
[ "$wrong" -ge 3 ] || fail "throttled after $wrong wrong passwords"
told throttled
holds "d['error']['retryAfterMs'] > 0"
[ "$("$PYTHON" -c 'import json,sys; print(json.load(open(sys.argv[1]))["throttle"]["failures"])' "$WORK/guessed/device/device.json")" = "$wrong" ] ||
  fail 'attempts counted differ from passwords tried'
# Long enough for the slowest machine.
"$PYTHON" - "$WORK/guessed/device/device.json" <<'PY'
import json, sys, time
with open(sys.argv[1]) as file:
    device = json.load(file)
device["throttle"] = {"failures": 9, "since": int(time.time() * 1000)}
with open(sys.argv[1], "w") as file:
    json.dump(device, file)
PY
expect 3 throttled --home "$WORK/guessed" credential list
holds "50000 < d['error']['retryAfterMs'] <= 60000"
expect 0 - --home "$WORK/guessed" vault status
holds "d['throttledForMs'] > 0"

# -- vault files that are not right: 7, not a byte written, copies offered
broken() {
  local name=$1 code=$2 before
  cp -a "$WORK/home" "$WORK/broken"
  "$PYTHON" "$here/tamper.py" "$name" "$WORK/broken/vault.json" || fail "cannot tamper: $name"
  before=$(cat "$WORK"/broken/vault.json* | sha256sum)
  run --home "$WORK/broken" credential list
  [ $? = 7 ] || fail "$name: exit $(cat "$records/$count.exit") instead of 7"
  told "$code"
  [ "$code" = vault-newer ] || says 'copy 1: '
  [ "$code" = vault-newer ] || holds "[g['n'] for g in d['error']['generations']] == [1, 2, 3]"
  run --home "$WORK/broken" credential add x --type sftp --field host=h --field user=u
  [ $? = 7 ] || fail "$name: a change is possible"
  run --home "$WORK/broken" vault init && fail "$name: init does not refuse"
  [ "$before" = "$(cat "$WORK"/broken/vault.json* | sha256sum)" ] || fail "$name: the file was touched"
  rm -rf "$WORK/broken"
}
broken kdf-too-low vault-damaged
broken kdf-too-high vault-damaged
broken unknown-version vault-newer
broken newer-reader vault-newer
broken broken-json vault-damaged
broken half-file vault-damaged
broken empty-file vault-damaged
broken replaced-token vault-changed
broken dropped-record vault-changed
broken swapped-records vault-changed
broken history-as-record vault-changed
broken edited-slot vault-damaged
broken edited-slot-resummed vault-changed

# -- the vault is gone, its device is not: never "create"
cp -a "$WORK/home" "$WORK/gone"
rm "$WORK/gone/vault.json"
expect 0 - --home "$WORK/gone" vault status
holds "d['state'] == 'missing' and len(d['generations']) == 3"
expect 7 vault-missing --home "$WORK/gone" credential list
says 'copy 1: '
expect 7 vault-missing --home "$WORK/gone" vault init
[ ! -e "$WORK/gone/vault.json" ] || fail 'a vault was made over a missing one'
expect 0 - --home "$WORK/gone" vault restore --generation 1
expect 0 - --home "$WORK/gone" credential list
holds "[c['name'] for c in d['credentials']] == ['one', 'two']"

# -- a writer that is stopped holds the lock for as long as it lives
"$PYTHON" - "$WORK/home/device/locks.sqlite" <<'PY' &
import os, signal, sqlite3, sys
lock = sqlite3.connect(sys.argv[1], isolation_level=None)
lock.execute("BEGIN IMMEDIATE")
os.kill(os.getpid(), signal.SIGSTOP)
PY
writer=$!
children+=("$writer")
wait_for 'the stopped writer' grep -q '^State:.T' "/proc/$writer/status"
expect 9 busy credential add three --type sftp --field host=h --field user=u
kill -KILL "$writer"
wait "$writer" 2>/dev/null
expect 0 - credential add three --type sftp --field host=h --field user=u

# -- the disk of the home folder is full: the change fails, the vault stays
if [ "$(id -u)" = 0 ]; then
  small_disk "$WORK/full"
  cp -a "$WORK/home/." "$WORK/full/home"
  dd if=/dev/zero of="$WORK/full/filler" bs=4k 2>/dev/null
  before=$(sha256sum <"$WORK/full/home/vault.json")
  expect 11 no-space --home "$WORK/full/home" credential add four --type sftp --field host=h --field user=u
  [ "$before" = "$(sha256sum <"$WORK/full/home/vault.json")" ] || fail 'the vault changed on a full disk'
  rm "$WORK/full/filler"
  expect 0 - --home "$WORK/full/home" credential add four --type sftp --field host=h --field user=u
else
  echo 'NOT RUN: full disk of the home folder (needs root)'
fi
