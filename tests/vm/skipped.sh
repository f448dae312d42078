#!/bin/sh
# SPDX-License-Identifier: MIT
#
#     skipped.sh CALLER
#
# The kernel does not run a program of the watch that runs already on a CPU. With trampolines
# (fentry) that happens where a thread is interrupted in it and another gets its turn: those
# calls are not seen. What is told, lost and skipped is then no less than what there was; by
# the other hooks each call is told. Runs in the guest of boot.py.
made=20001 failed=0

mount -t debugfs none /sys/kernel/debug 2>/dev/null
if ! echo full >/sys/kernel/debug/sched/preempt; then
	echo 'left out: this kernel is not preempted'
	exit 77
fi

# end PID: of the watch, which may have much to tell.
end() {
	kill -INT "$1"
	for _ in $(seq 120); do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 1
	done
	echo "the watch goes on: $(cat "/proc/$1/wchan" "/proc/$1/stack")"
	kill -KILL "$1"
	return 1
}

number() {
	tail -n 1 /tmp/skipped | sed -n "s/.*\"record\":\"end\".*\"$1\":\([0-9]*\).*/\1/p"
}

for hook in kprobe fentry tracepoint; do
	callgate watch --hook $hook --events prctl --where "exe == '$1'" --json \
		>/tmp/skipped 2>/tmp/skipped.says &
	while kill -0 $! && ! grep -q '"record":"start"' /tmp/skipped; do sleep 1; done
	timeout 120 "$1" crowd >/dev/null || failed=1
	end $! || failed=1
	told=$(grep -c '"eventName":"prctl"' /tmp/skipped)
	lost=$(number lost) skipped=$(number skipped)
	echo "$hook: of $made calls $told told, $lost lost, $skipped times skipped"
	[ "$told" -le $made ] && [ $((told + lost + skipped)) -ge $made ] || failed=1
	[ $hook = fentry ] || [ "$skipped" = 0 ] || failed=1
done
exit $failed
