# A scheduled SFTP job from an encrypted credential, in a shell. Needs SSHD_*.

source=$WORK/source
target=$SSHD_ROOT/backup
mkdir -p "$source/sub"
for n in $(seq 1 40); do head -c $((n * 700)) /dev/urandom >"$source/sub/file $n.bin"; done
printf 'hello\n' >"$source/héllo \"quoted\".txt"

export FERNSYNC_HOME=$WORK/home
expect 0 - vault status
holds "d['state'] == 'no-vault'"
expect 2 no-vault credential list
expect 0 - vault init --iterations 600000
holds "d['ok'] is True and len(d['id']) == 36"
[ "$(stat -c %a "$FERNSYNC_HOME" "$FERNSYNC_HOME/vault.json" | tr '\n' ' ')" = '700 600 ' ] || fail 'modes'
expect 2 vault-exists vault init

expect 0 - credential add nas --type sftp --field "host=$SSHD_HOST" --field "port=$SSHD_PORT" \
  --field "user=$SSHD_USER" --secret-file "$SSHD_SECRET" --trust-host-key "$SSHD_FINGERPRINT"
expect 2 name-taken credential add NAS --type sftp --field host=h --field user=u
expect 0 - credential test nas
holds "d['ok'] is True and all(step['ok'] for step in d['steps'])"

cd "$source/.." || exit 1
expect 0 - job add docs --credential nas --local source --remote backup --mode mirror --direction push --schedule every:1h
says 'Nothing will start this job yet'
expect 0 - job show docs
holds "d['job']['local'] == '$source' and d['job']['credential'] == 'nas' and d['job']['state'] == 'idle'"
holds "d['job']['zone'] != '' and d['job']['nextRun'] is not None"

expect 0 - job preview docs
holds "d['counts']['copy'] == 41 and len(d['items']) >= 41 and d['guards'] == []"
[ ! -e "$target" ] || fail 'a preview made the folder'

expect 0 - job run docs
holds "d['state'] == 'done' and d['copied'] == 41 and d['trigger'] == 'manual' and d['errors'] == []"
same_trees "$source" "$target"
expect 0 - job run docs
holds "(d['copied'], d['updated'], d['deleted'], d['bytes']) == (0, 0, 0, 0)"

# The schedule: due, served once, not due again.
printf 'changed\n' >>"$source/sub/file 1.bin"
rm "$source/sub/file 2.bin"
kept=$(sha256sum <"$target/sub/file 2.bin")
past_due
expect 0 - job run --due
holds "len(d['runs']) == 1 and d['runs'][0]['trigger'] == 'schedule'"
holds "(d['runs'][0]['updated'], d['runs'][0]['deleted']) == (1, 1)"
same_trees "$source" "$target"
[ "$(find "$target/.fernsync" -name 'file 2*' -exec sha256sum {} + | cut -d' ' -f1)" = "${kept%% *}" ] ||
  fail 'the deleted file is not in the safety folder'
expect 0 - job run --due
holds "d == {'runs': []}"

expect 0 - job history docs
holds "[r['state'] for r in d['runs']] == ['done'] * 3 and d['runs'][0]['started'] >= d['runs'][2]['started']"
expect 0 - logs --run "$(json "d['runs'][0]['run']")"
holds "len(d['lines']) > 0"
expect 0 - remote ls nas backup
holds "[e['name'] for e in d['entries'] if e['kind'] == 'dir' and e['name'] == 'sub'] == ['sub']"
expect 0 - job disable docs
past_due
expect 0 - job run --due
holds "d == {'runs': []}"

expect 2 in-use credential remove nas
says 'docs'
expect 2 unknown-name job run nothing
expect 2 usage job add x --credential nas --local source --remote r --mode mirror
says '--direction'
expect 2 unsupported job add x --credential nas --local source --remote r --mode two-way
expect 2 bad-request job add x --credential nas --local source --remote r --mode copy --direction push --schedule fortnightly
expect 2 bad-request job add x --credential nas --local missing --remote r --mode copy --direction push
for unsafe in / "$(dirname ~)" "$FERNSYNC_HOME" "$FERNSYNC_HOME/device" "$WORK"; do
  expect 2 unsafe-root job add x --credential nas --local "$unsafe" --remote r --mode copy --direction push
done

# Another master password: the old one is of no use, on no copy of the file.
expect 0 - vault passwd --new-password-file "$NEW_PASSWORD_FILE"
expect 3 wrong-password credential list
for n in 1 2 3; do cmp -s "$FERNSYNC_HOME/vault.json" "$FERNSYNC_HOME/vault.json.$n" || fail "copy $n is older than the change"; done
export FERNSYNC_PASSWORD_FILE=$NEW_PASSWORD_FILE
expect 0 - job run docs
holds "d['state'] == 'done'"
expect 0 - job remove docs
expect 0 - credential remove nas
expect 0 - credential list
holds "d == {'credentials': []}"
expect 2 unknown-name vault restore --generation 9
