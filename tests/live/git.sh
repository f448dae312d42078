#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples/git.gate: repositories are made, merged, packed, cloned and cleaned; a hook
# that talks to somebody is not heard.
source "$(dirname "$0")/lib.sh"
need git python3
is_clean git

export HOME=$scratch GIT_CONFIG_NOSYSTEM=1 LC_ALL=C
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
cd "$scratch"

g() {
	under git git "$@" 2>&1
}

is 'makes a repository' '' "$(g init -q -b main work)"
cd work
printf '%s\n' one two three >file
is 'commits' '' "$(g add file && g commit -qm first)"
is 'branches' '' "$(g checkout -qb topic && echo four >>file && g commit -qam second)"
is 'switches and changes' '' "$(g checkout -q main && echo new >other && g add . &&
	g commit -qm third)"
is 'merges' 4 "$(g merge -q -m merge topic && g log --oneline | wc -l)"
is 'rebases' 3 "$(g checkout -qb again topic && g rebase -q HEAD~1 && g cherry-pick \
	main^ >/dev/null && g rev-list --count HEAD)"
is 'compares' '+four' "$(g diff HEAD~2 -- file | grep '^+four')"
is 'stashes' changed "$(echo changed >file && g stash -q && g stash pop -q && cat file)"
is 'blames' 3 "$(g checkout -q -- file && g blame -s file | grep -c '^^')"
is 'searches with threads' file:four "$(g grep --threads=4 four)"
is 'archives' 2 "$(g archive HEAD | tar t | wc -l)"
is 'packs with threads' '' "$(g gc -q --aggressive --prune=now && g repack -qadf \
	--threads=4 && g fsck --no-progress)"
is 'clones' 'first' "$(g clone -q . ../local && g -C ../local log --format=%s | tail -1)"
is 'clones through a program' 'first' "$(g clone -q "file://$PWD" ../piped &&
	g -C ../piped log --format=%s | tail -1)"
is 'pushes' '' "$(g init -q --bare ../bare && g push -q ../bare main)"
is 'runs a pager' 'first' "$(GIT_PAGER=cat g --paginate log --format=%s | tail -1)"

# A hook that calls home, by all that it has.
cat >.git/hooks/pre-commit <<-'END'
	#!/usr/bin/python3
	import os, socket, sys
	def tries(what):
	    try:
	        what()
	        print("succeeds")
	    except OSError as error:
	        print(os.strerror(error.errno))
	tries(lambda: socket.socket(socket.AF_INET))
	tries(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
	tries(lambda: os.chmod("file", 0o4755))
END
chmod 755 .git/hooks/pre-commit
echo five >>file
is 'a hook is held as well' "Address family not supported by protocol
Address family not supported by protocol
Operation not permitted" "$(g commit -qam hooked)"
is 'a parameter lets it out' 'succeeds' "$(echo six >>file &&
	"$CALLGATE" run -D network -p "$EXAMPLES/git.gate" -- git commit -qam out 2>&1 |
	head -1)"

refuses git EAFNOSUPPORT socket 2 1 0
refuses git EAFNOSUPPORT socket 16 3 0
refuses git EPERM clone 0x10000011
refuses git ENOSYS clone3
refuses git EPERM unshare 0x10000000
refuses git EPERM fchmodat -100 file 04755
refuses git EPERM ioctl 0 0x5412 x
dies git ptrace
dies git mount a b c 0 0
done_testing
