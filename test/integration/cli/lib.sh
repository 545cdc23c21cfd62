# Shared by the parts of story.sh. Sourced, not run.
#
# FERNSYNC     the command (default: npx --no-install fernsync)
# WORK         an empty folder of this part; everything it makes is below
# PYTHON       a Python 3 with sqlite3, for reading JSON and for what a shell cannot do

FERNSYNC=${FERNSYNC:-npx --no-install fernsync}
PYTHON=${PYTHON:-python3}
: "${WORK:?an empty folder}"
failures=0
count=0
mounts=()
children=()

# Whatever ends this script: nothing that it has mounted or started stays.
cleanup() {
  local each
  for each in "${children[@]}"; do kill -KILL "$each" 2>/dev/null; done
  for each in "${mounts[@]}"; do umount -l "$each" 2>/dev/null; done
}
trap cleanup EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# small_disk FOLDER: an empty file system of 1 MiB there. Needs root.
small_disk() {
  mkdir -p "$1"
  mount -t tmpfs -o size=1m,mode=700 tmpfs "$1" || fail "cannot mount $1"
  mounts+=("$1")
}
records=$WORK/records
mkdir -p "$records"

fail() {
  failures=$((failures + 1))
  printf 'FAIL (command %s): %s\n' "$count" "$*" >&2
  if [ -f "$records/$count.args" ]; then
    printf '  $ fernsync %s\n' "$(cat "$records/$count.args")" >&2
    head -qc 700 "$records/$count.out" "$records/$count.err" >&2
    echo >&2
  fi
}

# run ARGS...: one command, recorded: $records/N.{args,out,err,exit}. Answers its exit code.
run() {
  count=$((count + 1))
  local at=$records/$count
  printf '%s' "$*" >"$at.args"
  # shellcheck disable=SC2086 # FERNSYNC is a command with arguments
  ${WRAP:-} $FERNSYNC --json "$@" >"$at.out" 2>"$at.err" <"${STDIN:-/dev/null}"
  local code=$?
  printf '%s' "$code" >"$at.exit"
  return "$code"
}

# expect EXIT CODE ARGS...: runs with --json and checks the exit code; CODE (or -) must be in the document and, with a sentence, on stderr.
expect() {
  local exit=$1 code=$2
  shift 2
  run "$@"
  local got=$?
  [ "$got" = "$exit" ] || fail "exit $got instead of $exit"
  [ "$code" = - ] || told "$code"
}

# told CODE: the last command named this code in its document and explained it to the person.
told() {
  grep -q "\"\(code\|reason\)\": \"$1\"" "$records/$count.out" || fail "no code $1 in the document"
  grep -Eq "^[A-Z].*\. .*\[$1\]$" "$records/$count.err" || fail "no sentence with a cure for $1 on stderr"
}

# says TEXT: the last command said this on stderr.
says() {
  grep -Fq -- "$1" "$records/$count.err" || fail "stderr does not say: $1"
}

# json EXPRESSION: a Python expression over the last document d.
json() {
  "$PYTHON" -c 'import json,sys; d=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$records/$count.out" "$1"
}

# holds EXPRESSION: the same must be true.
holds() {
  [ "$(json "$1" 2>&1)" = True ] || fail "not true of the document: $1"
}

# tree DIR: sorted "sha256  path" of everything but what is ours.
tree() {
  (cd "$1" && find . \( -name .fernsync -o -name '.fernsync-*' \) -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum)
}

# same_trees A B
same_trees() {
  [ "$(tree "$1")" = "$(tree "$2")" ] || fail "$1 and $2 differ"
}

# no_parts DIR: no temporary file of ours is left.
no_parts() {
  [ -z "$(find "$1" -name '.fernsync-*.part' -print -quit)" ] || fail "temporary files are left in $1"
}

# past_due: every job with a schedule has been due for three hours.
past_due() {
  "$PYTHON" - "$FERNSYNC_HOME/device/state.sqlite" <<'PY'
import sqlite3, sys, time
state = sqlite3.connect(sys.argv[1], timeout=10)
state.execute("UPDATE projection SET anchor = ?", (int((time.time() - 4 * 3600) * 1000),))
state.commit()
PY
}

# new_home NAME: an empty home folder with a vault.
new_home() {
  export FERNSYNC_HOME=$WORK/$1
  expect 0 - vault init --iterations 600000
}

# wait_for WHAT COMMAND...: until the command succeeds, 20 s at most.
wait_for() {
  local what=$1 tries=0
  shift
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 1000 ] || { fail "still waiting for $what"; return 1; }
    sleep 0.02
  done
}

finish() {
  echo "$count commands, $failures failed checks"
  [ "$failures" = 0 ]
}
