#!/bin/sh
# SPDX-License-Identifier: MIT
#
# ps, dump and top on this kernel: the filters of a process as eBPF and as ptrace read them.
# Runs in the guest of boot.py.
failed=0

fail() {
	echo "not so: $*"
	failed=1
}

callgate run -e 'default allow; errno EACCES mkdir' -- \
	callgate run -e 'default allow; errno EPERM rmdir' -- \
	sh -c 'echo $$ >/tmp/pid; while :; do mkdir /tmp/x; usleep 100000; done' 2>/dev/null &
until [ -s /tmp/pid ]; do sleep 1; done
pid=$(cat /tmp/pid)

for layer in 1 2; do
	for way in ptrace ebpf; do
		callgate dump --by $way --layer $layer -o /tmp/$way "$pid" ||
			fail "layer $layer is read by $way"
	done
	cmp /tmp/ptrace /tmp/ebpf || fail "layer $layer is the same by both"
done
callgate ps >/tmp/ps 2>&1
grep -q "^$pid  *[^ ]*  *2 filters  *yes  *[0-9]*/[0-9]*  " /tmp/ps || fail "$(cat /tmp/ps)"
callgate top --batch 1 --interval 3000 >/tmp/top 2>&1
grep -q 'mkdir  *errno EACCES  *1/2' /tmp/top || fail "$(cat /tmp/top)"
kill $!
exit $failed
