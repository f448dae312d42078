#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Promises kept by programs that know nothing of them: what each needs is there, and
# what it did not promise is refused.
source "$(dirname "$0")/lib.sh"
need cat ls date sort dd mkdir
EXAMPLES=$scratch

# promise NAME PROMISES: makes the policy.
promise() {
	printf 'default errno EPERM\nerrno ENOSYS clone3\nallow %s\n' "$2" >"$scratch/$1.gate"
	is_clean "$1"
}

promise reader '@stdio, @rpath, @load'
promise writer '@stdio, @rpath, @wpath, @cpath, @load'
promise maker '@stdio, @rpath, @wpath, @cpath, @fattr, @proc, @exec, @load'
promise server '@stdio, @rpath, @inet, @load'

echo 'a line' >"$scratch/file"
is 'cat reads' 'a line' "$(under reader cat "$scratch/file" 2>&1)"
is 'ls lists' 'file' "$(under reader ls -l "$scratch" 2>&1 | grep -o 'file$')"
is 'date tells the time' '1970' "$(TZ=UTC under reader date -d @0 +%Y 2>&1)"
is 'sort sorts, with threads' '1 2 3 ' \
	"$(printf '3\n1\n2\n' | under reader sort --parallel=2 2>&1 | tr '\n' ' ')"
is 'a reader writes nothing' '1' \
	"$(under reader dd of="$scratch/new" <<<text 2>&1 | grep -c 'not permitted')"
is '… and the file is not there' 'no' "$([[ -e $scratch/new ]] || echo no)"

is 'a writer makes files' 'text' "$(under writer dd of="$scratch/new" status=none \
	<<<text 2>&1 && cat "$scratch/new")"
is 'a writer starts nothing' '1' \
	"$(under writer sh -c '/bin/ls' 2>&1 | grep -ci 'fork\|permitted')"
is 'a shell under @proc and @exec starts programs' 'made' "$(under maker sh -c \
	"mkdir '$scratch/made' && chmod 700 '$scratch/made' && ls '$scratch' | grep made" 2>&1)"
is '… but none of another user'"'"'s id' '1' \
	"$(under maker sh -c "chmod 4755 '$scratch/file'; true" 2>&1 | grep -c 'not permitted')"

refuses reader EPERM socket 2 1 0
refuses reader EPERM mmap 0 4096 7 0x22 -1 0
refuses reader EPERM mmap 0 4096 5 0x22 -1 0
refuses reader EPERM mprotect 0 4096 5
refuses reader EPERM ioctl 0 0x5412 x
refuses reader EPERM unlink x
refuses writer EPERM execve /bin/true 0 0
refuses maker EPERM clone 0x10000011
refuses server EPERM socket 2 3 1
refuses server EPERM socket 1 1 0
refuses server EPERM setsockopt 0 255 0 0 0
done_testing
