#!/usr/bin/env bash
# What a person does with Fernsync and a shell, and everything that can go wrong on the way: story.sh PART...
#
#   purpose   a vault, a server, a job, runs by hand and by schedule, history, another master password
#   vault     passwords and vault files that are not right
#   server    sign-ins, identities, servers that vanish, runs that are stopped
#   files     folders, names and disks that are not right
#
# The servers are given by the environment (SSHD_*, SMALL_*, HOSTILE_*), see story.test.ts.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[ $# -gt 0 ] || set -- purpose vault server files
# shellcheck source-path=SCRIPTDIR
. "$here/lib.sh"
for part in "$@"; do
  # shellcheck source=/dev/null
  . "$here/part-$part.sh"
done
finish
