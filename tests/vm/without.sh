#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What recording says, and does instead, on a kernel that does not describe itself; on one
# that is locked down it goes on as ever. Runs in the guest of boot.py, as the last one, since
# lockdown cannot be undone.
failed=0

# says STATUS PATTERN OPTION...: how a recording ends, and a line that it says.
says() {
	status=$1 pattern=$2
	shift 2
	callgate record -o /tmp/without.gate "$@" >/tmp/says 2>&1
	found=$?
	[ $found = "$status" ] && grep -q "$pattern" /tmp/says && return
	echo "record $*: status $found, wanted $status and: $pattern"
	cat /tmp/says
	failed=1
}

# lacks PATTERN: for that reason.
lacks() {
	says 0 "by seccomp notification ($1" -- true
	says 4 "^callgate record: $1" --backend ebpf -- true
	says 4 "^callgate record: $1" --pid $$ --duration 1
	says 4 'hint: a program that callgate starts can be recorded' --pid $$ --duration 1
}

says 0 'by eBPF$' -- true
mount -t tmpfs none /sys/kernel/btf
lacks 'the kernel does not describe itself'
umount /sys/kernel/btf

mount -t securityfs none /sys/kernel/security
if [ -e /sys/kernel/security/lockdown ]; then
	# Recording reads nothing by the helpers that this takes away.
	echo confidentiality >/sys/kernel/security/lockdown
	grep -q '\[confidentiality\]' /sys/kernel/security/lockdown || failed=1
	says 0 'by eBPF$' -- true
	says 0 'by eBPF$' --pid $$ --duration 1
else
	echo 'left out: this kernel cannot be locked down'
fi
exit $failed
