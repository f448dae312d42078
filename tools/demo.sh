#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A web server under its policy: what it may do works, what it may not is refused, and
# callgate says which line of the policy decided. Run by ./dev demo.
set -euo pipefail
cd "$(dirname "$0")/.."

callgate=build/callgate
probe=build/tests/live/probe_call
policy=examples/nginx.gate
folder=$(mktemp -d)
server=

clean_up() {
	if [[ $server ]]; then
		kill "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	rm -rf "$folder"
}
trap clean_up EXIT

if [[ -t 1 ]]; then
	bold=$'\e[1m' plain=$'\e[0m'
else
	bold='' plain=''
fi

tell() {
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

fail() {
	echo "demo: $*" >&2
	exit 1
}

# show COMMAND...: as a prompt would, with what it prints indented; any status is fine.
show() {
	printf '  $ %s\n' "$(quote "$@")"
	"$@" 2>&1 | sed 's/^/  /' || true
}

quote() {
	local word text=
	for word in "$@"; do
		[[ $word =~ ^[A-Za-z0-9_./:=@%+,-]+$ ]] || word="'$word'"
		text+=" $word"
	done
	echo "${text# }"
}

if ! reason=$("$probe" --permitted); then
	echo "demo: $reason"
	exit 4
fi

tell '1. The policy: what nginx may ask of the kernel, one rule a line, first match wins'
grep -vE '^(#|expect|$)' "$policy" | head -12 | sed 's/^/  /'
echo "  … $(grep -cE '^(allow|deny|errno|kill|log)' "$policy") rules in $policy"

tell '2. Compiled to BPF, lifted back, and proven to mean the same'
show "$callgate" compile "$policy" --stats -o "$folder/nginx.bpf"

tell '3. What would become of three calls? (The answer names the line that decides.)'
show "$callgate" test "$policy" \
	'openat(AT_FDCWD, 0, O_RDONLY)' 'socket(AF_NETLINK, SOCK_RAW, 0)' ptrace

tell '4. nginx itself, with two workers, under the policy'
port=$((20000 + RANDOM % 12000))
chmod 755 "$folder"
mkdir "$folder/www"
echo 'Hello from behind the gate.' >"$folder/www/index.html"
cat >"$folder/nginx.conf" <<-END
	daemon off;
	worker_processes 2;
	pid nginx.pid;
	error_log error.log;
	events { }
	http {
		access_log access.log;
		client_body_temp_path body;
		proxy_temp_path proxy;
		fastcgi_temp_path fastcgi;
		uwsgi_temp_path uwsgi;
		scgi_temp_path scgi;
		server { listen 127.0.0.1:$port; root www; }
	}
END
echo "  \$ $callgate run -p $policy -- nginx -p $folder -c nginx.conf &"
"$callgate" run -p "$policy" -- nginx -p "$folder" -c nginx.conf 2>"$folder/stderr" &
server=$!
for _ in {1..100}; do
	(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
	sleep 0.1
done
if ! [[ -s $folder/nginx.pid ]]; then
	cat "$folder/stderr"
	fail 'nginx did not start'
fi
show curl -sS --max-time 10 "http://127.0.0.1:$port/" | tee "$folder/page"
grep -q 'Hello from behind' "$folder/page" || fail 'the page was not served'
show grep -E '^(Name|Seccomp|Seccomp_filters|NoNewPrivs):' "/proc/$(cat "$folder/nginx.pid")/status"
show cat "$folder/access.log"

tell '5. The same policy, and a program that asks for what nginx must not have'
show "$callgate" run -p "$policy" -- "$probe" socket 16 3 0 | tee "$folder/denied"
grep -q EAFNOSUPPORT "$folder/denied" || fail 'the socket was not refused'
show "$callgate" run -p "$policy" -- "$probe" execve /bin/sh 0 0
show sh -c "$callgate run -p $policy -- $probe ptrace; echo \"status \$?\""

tell '6. A policy on the spot'
show "$callgate" run -e 'default allow; errno EACCES mkdir, mkdirat' -- \
	sh -c "mkdir $folder/new"
show "$callgate" test -e 'default allow; errno EACCES mkdir, mkdirat' mkdir
