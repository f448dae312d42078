#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Each hook of `callgate watch` that this kernel has sees the same: one filter that is
# loaded, with its program, and one call that it refuses. Runs in the guest of boot.py.
failed=0

# has HOOK WHAT PATTERN: one line of what was seen.
has() {
	count=$(grep -c "$3" "/tmp/$1")
	[ "$count" = 1 ] && return
	echo "$1: $2: $count times"
	failed=1
}

for hook in kprobe fentry tracepoint; do
	callgate watch --hook $hook --json >"/tmp/$hook" 2>"/tmp/$hook.says" &
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		grep -q '"record":"start"' "/tmp/$hook" && break
		sleep 1
	done
	callgate run -e 'default allow; errno EACCES mkdir' -- mkdir /tmp/new 2>/dev/null
	sleep 2
	kill -INT $!
	wait $!
	has $hook 'its own hook' "\"record\":\"start\".*\"hook\":\"[^\"]*$hook"
	has $hook 'a filter that is loaded' '"eventName":"seccomp".*"installed":{"instructions":[1-9]'
	has $hook 'a call that is refused' '"eventName":"denied"'
done
[ $failed = 0 ] || cat /tmp/*.says
exit $failed
