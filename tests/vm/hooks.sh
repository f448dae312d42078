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
	while kill -0 $! && ! grep -q '"record":"start"' "/tmp/$hook"; do sleep 1; done
	callgate run -e 'default allow; errno EACCES mkdir' -- mkdir /tmp/new 2>/dev/null
	sleep 2
	kill -INT $!
	wait $!
	has $hook 'its own hook' "\"record\":\"start\".*\"hook\":\"[^\"]*$hook"
	has $hook 'a filter that is loaded' '"eventName":"seccomp".*"installed":{"instructions":[1-9]'
	has $hook 'a call that is refused' '"eventName":"denied"'
done

# Times follow a clock that is set: this one goes a day on.
callgate watch --events unconfined-exec --json >/tmp/clock 2>/tmp/clock.says &
while kill -0 $! && ! grep -q '"record":"start"' /tmp/clock; do sleep 1; done
date -s "@$(($(date +%s) + 86400))" >/dev/null
sleep 10
begin=$(date +%s)
callgate --version >/dev/null
sleep 2
kill -INT $!
wait $!
time=$(sed -n 's/^{"timestamp":\([0-9]*\)[0-9]\{9\},.*"processName":"callgate".*/\1/p' /tmp/clock)
[ "${time:-0}" -ge "$((begin - 1))" ] || { echo "an event of $begin has the time $time"; failed=1; }
[ $failed = 0 ] || cat /tmp/*.says
exit $failed
