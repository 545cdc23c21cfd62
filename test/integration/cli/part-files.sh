# Folders, names and disks that are not right. Needs SSHD_*, HOSTILE_*, and SMALL_* where a small disk can be mounted.

new_home home
expect 0 - credential add nas --type sftp --field "host=$SSHD_HOST" --field "port=$SSHD_PORT" \
  --field "user=$SSHD_USER" --secret-file "$SSHD_SECRET" --trust-host-key "$SSHD_FINGERPRINT"

# job_for NAME MODE DIRECTION [OPTION...]: a job between $WORK/NAME and NAME on the server.
job_for() {
  mkdir -p "$WORK/$1"
  expect 0 - job add "$1" --credential nas --local "$WORK/$1" --remote "$1" --mode "$2" --direction "$3" "${@:4}"
}
server_tree() { tree "$SSHD_ROOT/$1"; }

# -- the local folder is missing, then empty: nothing is deleted
mkdir -p "$WORK/docs"
for n in $(seq 1 30); do printf 'document %s\n' "$n" >"$WORK/docs/$n.txt"; done
job_for docs mirror push
expect 0 - job run docs
before=$(server_tree docs)
mv "$WORK/docs" "$WORK/docs.away"
expect 6 root-missing job run docs
expect 6 root-missing job preview docs
mkdir "$WORK/docs"
expect 6 - job run docs
holds "'root-empty' in [g['code'] for g in d['guards']] and d['state'] == 'stopped' and d['plan'] is not None"
[ "$before" = "$(server_tree docs)" ] || fail 'a missing or empty folder cost files'
rmdir "$WORK/docs"
mv "$WORK/docs.away" "$WORK/docs"

# -- unreadable: what can be read goes over, nothing is deleted
may_not_read='setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search'
[ "$(id -u)" = 0 ] || may_not_read=''
mkdir "$WORK/docs/closed"
printf 'kept\n' >"$WORK/docs/closed/kept.txt"
expect 0 - job run docs
printf 'new\n' >"$WORK/docs/new.txt"
rm "$WORK/docs/30.txt"
chmod 000 "$WORK/docs/closed"
WRAP=$may_not_read expect 1 unread-folder job run docs
holds "d['state'] == 'partial' and d['copied'] == 1 and d['deleted'] == 0"
[ -e "$SSHD_ROOT/docs/closed/kept.txt" ] && [ -e "$SSHD_ROOT/docs/30.txt" ] || fail 'an unreadable folder cost files'
chmod 700 "$WORK/docs/closed"
before=$(server_tree docs)
chmod 000 "$WORK/docs"
WRAP=$may_not_read expect 1 - job run docs
holds "d['deleted'] == 0 and d['reason'] in ('permission-denied', 'unread-folder')"
chmod 700 "$WORK/docs"
[ "$before" = "$(server_tree docs)" ] || fail 'an unreadable root cost files'
expect 0 - job run docs
same_trees "$WORK/docs" "$SSHD_ROOT/docs"

# -- many deletions: stopped, and exactly the plan that was looked at is carried out
before=$(server_tree docs)
rm "$WORK"/docs/1*.txt "$WORK"/docs/2*.txt
expect 6 - job preview docs
says "[guard-stopped]"
plan=$(json "d['plan']")
holds "'delete-share' in [g['code'] for g in d['guards']]"
says "fernsync job run docs --plan $plan --approve"
expect 6 guard-stopped job run docs
says 'Look at the plan'
[ "$before" = "$(server_tree docs)" ] || fail 'a stopped run deleted'
expect 2 usage job run docs --plan "$plan"
expect 2 usage job run docs --approve
expect 2 usage job run docs --plan nonsense --approve
expect 2 unknown-name job run docs --plan 00000000-0000-4000-8000-000000000000 --approve
expect 0 - job run docs --plan "$plan" --approve
holds "d['state'] == 'done' and d['plan'] == '$plan' and d['deleted'] > 10"
same_trees "$WORK/docs" "$SSHD_ROOT/docs"

# -- the first run onto a folder that is not empty
mkdir -p "$SSHD_ROOT/taken" "$WORK/taken"
printf 'theirs\n' >"$SSHD_ROOT/taken/a.txt"
printf 'ours\n' >"$WORK/taken/a.txt"
chown -R "$SSHD_USER" "$SSHD_ROOT/taken"
job_for taken mirror push
expect 6 guard-stopped job run taken
holds "[g['code'] for g in d['guards']] == ['first-run']"
[ "$(cat "$SSHD_ROOT/taken/a.txt")" = theirs ] || fail 'the first run replaced a file'

# -- names: all of these go over and come back
job_for names copy push --filter '*.skip'
cd "$WORK/names" || exit 1
for name in ' a b ' "it's \"q\"" $'line\nbreak' $'tab\there' $'\e[31mred' $'nfd-e\u0301' $'caf\u00e9' \
  $'\U1F469\u200D\U1F680' -- -n '%41+&#;$(x)`y`' '\back' '*?[x]' .dot $'\u202Ertl' CON; do
  printf 'name\n' >"./$name"
done
printf 'left out\n' >left.skip
expect 0 - job run names
(cd "$WORK/names" && rm left.skip)
same_trees "$WORK/names" "$SSHD_ROOT/names"
mkdir "$WORK/back"
expect 0 - job add back --credential nas --local "$WORK/back" --remote names --mode copy --direction pull
expect 0 - job run back
same_trees "$WORK/names" "$WORK/back"

# -- bytes that are no text, and names that are ours: reported, left alone, the rest goes over
printf 'bytes\n' >"$(printf 'bad-\xff\xfe')"
printf 'ours\n' >.fernsync-12345678-1.part
mkdir .fernsync-x
printf 'ours\n' >.fernsync-x/inside
printf 'rest\n' >rest.txt
expect 1 invalid-name job run names
holds "d['copied'] == 1 and d['failed'] >= 1"
[ -e "$SSHD_ROOT/names/rest.txt" ] || fail 'the rest was not copied'
[ -z "$(find "$SSHD_ROOT/names" -name 'bad-*' -o -name '.fernsync-x' -o -name '.fernsync-12345678-1.part')" ] || fail 'a reserved name went over'
cd "$WORK" || exit 1

# -- a server that lists names which lead elsewhere
expect 0 - credential add hostile --type sftp --field "host=$HOSTILE_HOST" --field "port=$HOSTILE_PORT" \
  --field user=somebody --secret-file "password=$HOSTILE_PASSWORD_FILE" --trust-host-key "$HOSTILE_FINGERPRINT"
mkdir -p "$WORK/trap/inner"
expect 0 - job add trap --credential hostile --local "$WORK/trap/inner" --remote / --mode copy --direction pull
rm -f /tmp/evil2.txt
expect 1 - job run trap
[ "$(find "$WORK/trap" -name '*evil*' | wc -l)" = 0 ] || fail 'a hostile name was written'
[ ! -e /tmp/evil2.txt ] || fail 'a hostile name escaped'

# -- a folder of its own for what is replaced and deleted
mkdir -p "$WORK/kept" && printf 'one\n' >"$WORK/kept/a.txt"
job_for kept mirror push --safety "$SSHD_ROOT/attic"
expect 0 - job run kept
printf 'two!\n' >"$WORK/kept/a.txt"
expect 0 - job run kept
holds "d['updated'] == 1"
[ -n "$(grep -rl '^one$' "$SSHD_ROOT/attic")" ] || fail 'the replaced file is not in the named safety folder'

# -- no space on the server, then on this machine
if [ -n "${SMALL_HOST:-}" ]; then
  expect 0 - credential add small --type sftp --field "host=$SMALL_HOST" --field "port=$SMALL_PORT" \
    --field "user=$SMALL_USER" --secret-file "$SMALL_SECRET" --trust-host-key "$SMALL_FINGERPRINT"
  mkdir "$WORK/large"
  head -c 4000000 /dev/urandom >"$WORK/large/large.bin"
  expect 0 - job add up --credential small --local "$WORK/large" --remote up --mode copy --direction push
  expect 11 quota-exceeded job run up
  [ ! -e "$SMALL_ROOT/up/large.bin" ] || fail 'half a file is visible'
  small_disk "$WORK/tight"
  mkdir -p "$SSHD_ROOT/large"
  cp "$WORK/large/large.bin" "$SSHD_ROOT/large"
  expect 0 - job add down --credential nas --local "$WORK/tight" --remote large --mode copy --direction pull
  expect 11 - job run down
  [ ! -e "$WORK/tight/large.bin" ] || fail 'half a file is visible'
else
  echo 'NOT RUN: full disks (needs root)'
fi
