#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A call that is refused and logged is told of once: by audit records alone, and by eBPF and
# records together. Runs in the guest of boot.py.
failed=0

for option in '--hook audit' '--audit'; do
	callgate watch --events denied --json $option >/tmp/audit 2>/tmp/audit.says &
	while kill -0 $! && ! grep -q '"record":"start"' /tmp/audit; do sleep 1; done
	callgate run -e 'default allow; kill mkdir' -- mkdir /tmp/new 2>/dev/null
	sleep 5
	kill -INT $!
	wait $!
	case $option in
	--audit) source=filters ;;
	*) source=audit ;;
	esac
	told=$(grep -c '"eventName":"denied"' /tmp/audit)
	right=$(grep -c "\"action\":\"kill\",\"source\":\"$source\"" /tmp/audit)
	if [ "$told$right" != 11 ]; then
		echo "$option: told $told times, $right of them right"
		cat /tmp/audit /tmp/audit.says
		failed=1
	fi
done
exit $failed
