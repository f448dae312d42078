#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The filters of programs that install their own, read while they run: apt's downloader,
# man's formatters, chronyd and tor, as far as they are installed.
source "$(dirname "$0")/lib.sh"
need python3

reads=0

# fenced PATTERN: the first process of ours with a filter whose command line matches.
fenced() {
	local folder status
	for _ in {1..50}; do
		for status in $(grep -ls '^Seccomp:.2$' /proc/[0-9]*/status); do
			folder=${status%/status}
			grep -qzsE "$1" "$folder/cmdline" || continue
			grep -qzsF "MARK=$scratch" "$folder/environ" || continue
			echo "${folder#/proc/}"
			return
		done
		sleep 0.1
	done
}

# goes_round NAME PATTERN: its filters are said in words that mean the same.
goes_round() {
	local pid
	pid=$(fenced "$2")
	if [[ -z $pid ]]; then
		echo "no filter seen: $1"
		return
	fi
	reads=$((reads + 1))
	is "$1 is decompiled" 0 "$("$CALLGATE" decompile "pid:$pid" -o "$scratch/$1.gate" \
		>&2; echo $?)"
	is "$1 is what its policy says" 0 \
		"$("$CALLGATE" diff "pid:$pid" "$scratch/$1.gate" >&2; echo $?)"
	is "$1 goes on" '' "$(kill -0 "$pid" 2>&1)"
}

# background COMMAND...: ends with the test.
background() {
	MARK=$scratch "$@" >/dev/null 2>&1 &
	cleanup "kill $! 2>/dev/null || true"
}

"$CALLGATE" run -e 'default allow' -- sleep 20 &
first=$!
cleanup "kill $first 2>/dev/null || true"
sleep 0.5
"$CALLGATE" show "pid:$first" >/dev/null 2>"$scratch/why" ||
	skip "filters cannot be read here: $(head -1 "$scratch/why")"

if command -v apt-get >/dev/null; then
	python3 -u -c '
import socket, time
server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
print(server.getsockname()[1])
time.sleep(60)' >"$scratch/port" &
	cleanup "kill $! 2>/dev/null || true"
	while [[ ! -s $scratch/port ]]; do sleep 0.1; done
	mkdir -p "$scratch/lists/partial"
	echo "deb [trusted=yes] http://127.0.0.1:$(<"$scratch/port")/ x y" >"$scratch/list"
	background timeout -k 1 30 apt-get update -o APT::Sandbox::Seccomp=true \
		-o APT::Sandbox::User=root -o Acquire::http::Proxy=DIRECT \
		-o Dir::Etc::sourceparts=- -o "Dir::Etc::sourcelist=$scratch/list" \
		-o "Dir::State::lists=$scratch/lists"
	goes_round apt 'apt/methods/http'
fi
if command -v man >/dev/null; then
	mkdir "$scratch/bin"
	for name in groff nroff preconv tbl; do
		printf '#!/bin/sh\nsleep 10\n' >"$scratch/bin/$name"
		chmod +x "$scratch/bin/$name"
	done
	printf '.TH A 1\n' >"$scratch/a.1"
	PATH=$scratch/bin:$PATH MANPAGER=cat background timeout -k 1 30 man -l "$scratch/a.1"
	goes_round man 'bin/(preconv|tbl|nroff|groff)'
fi
if command -v chronyd >/dev/null; then
	background timeout -k 1 30 chronyd -F 1 -d -u root -x -f /dev/null
	goes_round chronyd '^chronyd'
fi
if command -v tor >/dev/null; then
	background timeout -k 1 30 tor --Sandbox 1 --SocksPort 0 --DisableNetwork 1 --quiet \
		-f "$scratch/none" --ignore-missing-torrc --DataDirectory "$scratch/tor"
	goes_round tor '^tor'
fi

[[ $reads != 0 ]] || skip 'no program here installs filters of its own'
done_testing
