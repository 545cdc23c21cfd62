# Sign-ins, identities, servers that vanish, runs that are stopped. Needs SSHD_*.

source=$WORK/source
mkdir -p "$source"
for n in 1 2 3 4 5; do printf 'file %s\n' "$n" >"$source/$n.txt"; done
new_home home

add_credential() {
  local name=$1 secret=$2
  shift 2
  expect 0 - credential add "$name" --type sftp --field "host=$SSHD_HOST" --field "port=$SSHD_PORT" \
    --field "user=$SSHD_USER" --secret-file "$secret" "$@"
}
add_job() {
  expect 0 - job add "$1" --credential "$2" --local "$source" --remote "$3" --mode mirror --direction push "${@:4}"
}
refused() { grep -Ec "Failed (password|publickey) for $SSHD_USER" "$SSHD_FOLDER/log"; }
signed_in() { grep -c "Accepted .* for $SSHD_USER" "$SSHD_FOLDER/log"; }

# -- a wrong password: one attempt for ten jobs that are due, and none by later ones
add_credential wrong "$SSHD_WRONG_SECRET" --trust-host-key "$SSHD_FINGERPRINT"
for n in $(seq 1 10); do add_job "due $n" wrong "due-$n" --schedule @hourly; done
past_due
before=$(refused)
expect 4 - job run --due
[ "$(refused)" = $((before + 1)) ] || fail "$(($(refused) - before)) attempts for ten jobs"
says '[auth-failed]'
says '[needs-sign-in]'
holds "len(d['runs']) >= 1 and d['runs'][0]['reason'] == 'auth-failed'"
expect 4 needs-sign-in job run 'due 3'
says 'fernsync credential edit wrong'
expect 4 needs-sign-in job preview 'due 3'
expect 0 - job show 'due 3'
holds "d['job']['state'] == 'attention' and d['job']['reason'] == 'needs-sign-in'"
expect 0 - credential show wrong
holds "d['credential']['blocked']['code'] == 'auth-failed' and 'revealed' not in d['credential']"
[ "$(refused)" = $((before + 1)) ] || fail 'a blocked credential was tried'
expect 4 auth-failed credential test wrong
[ "$(refused)" = $((before + 2)) ] || fail 'a test is not one attempt'
expect 0 - credential edit wrong --secret-file "$SSHD_SECRET"
expect 0 - job run 'due 3'
same_trees "$source" "$SSHD_ROOT/due-3"

# -- another identity than the pinned one: nothing is sent
add_credential changed "$SSHD_SECRET" --trust-host-key "SHA256:$(printf 'A%.0s' {1..43})"
add_job moved changed moved
attempts=$(($(refused) + $(signed_in)))
expect 5 untrusted-server job run moved
says "$SSHD_FINGERPRINT"
expect 5 untrusted-server credential test changed
expect 5 untrusted-server remote ls changed
[ "$attempts" = $(($(refused) + $(signed_in))) ] || fail 'a credential was sent to a server that is not trusted'
expect 2 usage credential edit changed --trust-host-key SHA256:short
expect 5 untrusted-server credential trust changed --host-key "SHA256:$(printf 'B%.0s' {1..43})"
# Trusting another key drops the secrets, unless they are given again.
expect 0 - credential trust changed --host-key "$SSHD_FINGERPRINT"
says 'Dropped with the old server'
expect 0 - credential show changed
holds "d['credential']['secrets'] == [] and d['credential']['hostKey'] == '$SSHD_FINGERPRINT'"
expect 0 - credential edit changed --field host=192.0.2.1 --secret-file "$SSHD_SECRET"
expect 0 - credential show changed
holds "len(d['credential']['secrets']) == 1 and d['credential']['hostKey'] is None"

# -- never pinned: the fingerprint and the command, which keeps the secrets
add_credential unpinned "$SSHD_SECRET"
add_job first unpinned first
expect 5 unpinned-server job run first
says "fernsync credential trust unpinned --host-key $SSHD_FINGERPRINT"
expect 5 unpinned-server credential test unpinned
says "fernsync credential trust unpinned --host-key $SSHD_FINGERPRINT"
WRAP='setsid -w' expect 5 unpinned-server credential trust unpinned
[ "$attempts" = $(($(refused) + $(signed_in))) ] || fail 'a credential was sent to a server that is not pinned'
expect 0 - credential trust unpinned --host-key "$SSHD_FINGERPRINT"
expect 0 - job run first
same_trees "$source" "$SSHD_ROOT/first"
expect 0 - credential add tofu --type sftp --field "host=$SSHD_HOST" --field "port=$SSHD_PORT" --field "user=$SSHD_USER" --trust-on-first-use
says "$SSHD_FINGERPRINT"

# -- nobody there
expect 0 - credential add away --type sftp --field "host=$SSHD_HOST" --field port=9 --field user=u --secret-file "$SSHD_SECRET" --trust-on-first-use
says 'not pinned yet'
expect 8 unreachable credential test away
add_job far away far
expect 8 unreachable job run far
expect 0 - job history far
holds "[(r['state'], r['reason']) for r in d['runs']] == [('failed', 'unreachable')]"

# -- a long run: a second one is refused, a signal ends it at a clean point
dd if=/dev/zero of="$source/big.bin" bs=1M count=0 seek=192 2>/dev/null
add_job big unpinned big
sessions() {
  local pid
  for pid in $(cat "/proc/$(cat "$SSHD_FOLDER/pid")/task/$(cat "$SSHD_FOLDER/pid")/children"); do
    echo "$pid"
    cat "/proc/$pid/task/$pid/children" 2>/dev/null
  done
}
has_part() { [ -n "$(find "$SSHD_ROOT/big" -name '.fernsync-*.part' -size +0 2>/dev/null)" ]; }
# A run whose server stands still in the middle of a file. Its exit code is in $WORK/long.exit.
start_long_run() {
  rm -f "$WORK/long.exit" "$SSHD_ROOT/big/big.bin"
  touch "$source/big.bin"
  (
    # shellcheck disable=SC2086 # FERNSYNC is a command with arguments
    exec $FERNSYNC --json job run big >"$WORK/long.out" 2>"$WORK/long.err" </dev/null
  ) &
  long=$!
  children+=("$long")
  wait_for 'a file in transfer' has_part
  # shellcheck disable=SC2046 # one word per process
  kill -STOP $(sessions)
}
end_long_run() {
  wait "$long"
  local got=$?
  [ "$got" = "$1" ] || { fail "the run ended with $got instead of $1"; cat "$WORK/long.out" "$WORK/long.err" >&2; }
}

start_long_run
expect 9 already-running job run big
says 'fernsync job cancel big'
expect 0 - job show big
holds "d['job']['state'] == 'running'"
kill -INT "$long"
# shellcheck disable=SC2046
kill -CONT $(sessions)
end_long_run 130
grep -q '"state": "cancelled"' "$WORK/long.out" || fail 'the summary does not say cancelled'
no_parts "$SSHD_ROOT/big"

start_long_run
kill -TERM "$long"
# shellcheck disable=SC2046
kill -CONT $(sessions)
end_long_run 143
no_parts "$SSHD_ROOT/big"

start_long_run
expect 0 - job cancel big
# shellcheck disable=SC2046
kill -CONT $(sessions)
end_long_run 130

# -- the server dies in the middle of a file, and comes back
start_long_run
server=$(cat "$SSHD_FOLDER/pid")
# shellcheck disable=SC2046
kill -KILL "$server" $(sessions)
wait "$long"
got=$?
[ "$got" = 8 ] || [ "$got" = 1 ] || fail "a dead server ends the run with $got"
/usr/sbin/sshd -D -f "$SSHD_FOLDER/config" -E "$SSHD_FOLDER/log" &
children+=($!)
printf '%s' $! >"$SSHD_FOLDER/pid"
listening() { (exec 3<>"/dev/tcp/$SSHD_HOST/$SSHD_PORT") 2>/dev/null; }
wait_for 'the server to come back' listening
expect 0 - job run big
same_trees "$source" "$SSHD_ROOT/big"
no_parts "$SSHD_ROOT/big"
