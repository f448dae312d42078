#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples/nginx.gate: a master with two workers serves pages, passes requests on,
# compresses, lists, logs, reloads and stops; what it must not do it cannot.
source "$(dirname "$0")/lib.sh"
need nginx curl
is_clean nginx

# A port that nobody listens on now. Another may take it before nginx does, so that
# start() tries a few.
pick_port() {
	local port
	for _ in {1..50}; do
		port=$((20000 + RANDOM % 12000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

configure() {
	cat >"$scratch/nginx.conf" <<-END
		daemon off;
		worker_processes 2;
		pid nginx.pid;
		error_log error.log notice;
		events { worker_connections 64; }
		http {
			access_log access.log;
			client_body_temp_path body;
			proxy_temp_path proxy;
			fastcgi_temp_path fastcgi;
			uwsgi_temp_path uwsgi;
			scgi_temp_path scgi;
			proxy_cache_path cache keys_zone=pages:1m;
			sendfile on;
			server {
				listen 127.0.0.1:$1;
				root www;
				location / { aio threads; gzip on; gzip_min_length 1; }
				location /folder/ { autoindex on; }
				location /proxy/ {
					proxy_pass http://127.0.0.1:$1/;
					proxy_cache pages;
					proxy_cache_valid 1m;
				}
				location /answer { return 200 "$2\n"; }
			}
		}
	END
}

get() {
	curl -sS --max-time 10 "$@" 2>&1
}

# Until a command succeeds, 10 seconds at most.
wait_for() {
	for _ in {1..200}; do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	return 1
}

start() {
	for _ in 1 2 3; do
		port=$(pick_port)
		configure "$port" first
		"$CALLGATE" run -p "$EXAMPLES/nginx.gate" -- \
			nginx -p "$scratch" -c nginx.conf 2>"$scratch/stderr" &
		server=$!
		wait_for get -f "http://127.0.0.1:$port/answer" && return
		kill "$server" 2>/dev/null || true
		wait "$server" || true
	done
	cat "$scratch/stderr" "$scratch/error.log"
	exit 1
}

# The workers may run as another user, who has to get here.
chmod 755 "$scratch"
mkdir -p "$scratch/www/folder/inner"
echo 'a page' >"$scratch/www/index.html"
head -c 300000 /dev/zero >"$scratch/www/big"
cleanup 'kill "$server" 2>/dev/null && wait "$server" || true'
start
url=http://127.0.0.1:$port

is 'serves a page' 'a page' "$(get "$url/")"
is 'serves it compressed' 'a page' "$(get --compressed "$url/index.html")"
is 'serves a large file by threads' 300000 "$(get "$url/big" | wc -c)"
is 'passes a request on' 300000 "$(get "$url/proxy/big" | wc -c)"
is 'has it in the cache' 300000 "$(get "$url/proxy/big" | wc -c)"
is 'lists a folder' 'inner/' "$(get "$url/folder/" | grep -o 'inner/' | head -1)"
is 'answers that a page is missing' 404 \
	"$(get -o /dev/null -w '%{http_code}' "$url/nothing")"
is 'writes the access log' 1 "$(grep -c 'GET /nothing' "$scratch/access.log")"

configure "$port" second
kill -HUP "$(cat "$scratch/nginx.pid")"
is_reloaded() {
	[[ $(get "$url/answer") == second ]]
}
wait_for is_reloaded || true
is 'reloads its configuration' second "$(get "$url/answer")"

mv "$scratch/access.log" "$scratch/access.old"
kill -USR1 "$(cat "$scratch/nginx.pid")"
wait_for test -e "$scratch/access.log" || true
is 'reopens its log' "$scratch/access.log" "$(ls "$scratch/access.log")"

for process in "$(cat "$scratch/nginx.pid")" \
	$(cat "/proc/$(cat "$scratch/nginx.pid")/task/"*/children 2>/dev/null); do
	is 'a process of it is filtered' 2 \
		"$(awk '/^Seccomp:/ { print $2 }' "/proc/$process/status")"
done

kill -QUIT "$(cat "$scratch/nginx.pid")"
status=0
wait "$server" || status=$?
is 'stops' 0 "$status"
is 'has nothing to complain of' '' \
	"$(grep -E '\[(alert|crit|emerg)\]' "$scratch/error.log")"

refuses nginx EAFNOSUPPORT socket 16 3 0
refuses nginx EAFNOSUPPORT socket 2 3 1
refuses nginx EPERM execve /bin/true 0 0
refuses nginx EPERM clone 0x10000011
refuses nginx ENOSYS clone3
refuses nginx EPERM mprotect 0 4096 5
refuses nginx EPERM prctl 38 1 0 0 0
dies nginx ptrace
dies nginx mount a b c 0 0
dies nginx init_module 0 0 0
done_testing
