#!/bin/sh
# SPDX-License-Identifier: MIT
#
#     skipped.sh CALLER
#
# The kernel does not run a program of the watch that runs already on a CPU: where programs
# are interrupted and others get their turn, calls are not seen. Then what is told, lost and
# skipped is no less than what there was. Runs in the guest of boot.py.
made=20000 failed=0

mount -t debugfs none /sys/kernel/debug 2>/dev/null
echo full >/sys/kernel/debug/sched/preempt || exit 77
cat /sys/kernel/debug/sched/preempt

number() {
	sed -n "s/.*\"record\":\"end\".*\"$1\":\([0-9]*\).*/\1/p" "/tmp/$hook"
}

for hook in kprobe fentry tracepoint; do
	callgate watch --hook $hook --events prctl --where "exe == '$1'" --json \
		>"/tmp/$hook" 2>"/tmp/$hook.says" &
	while kill -0 $! && ! grep -q '"record":"start"' "/tmp/$hook"; do sleep 1; done
	"$1" crowd
	kill -INT $!
	wait $!
	told=$(grep -c '"PR_GET\|"value":39}' "/tmp/$hook")
	echo "$hook: $made made, $told told, $(number lost) lost, $(number skipped) skipped"
	[ $((told + $(number lost) + $(number skipped))) -ge $made ] || failed=1
	[ "$told" -le $made ] || failed=1
done
exit $failed
