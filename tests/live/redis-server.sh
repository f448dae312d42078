#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples/redis-server.gate: a store answers, saves by a child and by its log, runs Lua,
# feeds a replica, starts again from its files; what it must not do it cannot.
source "$(dirname "$0")/lib.sh"
need redis-server redis-cli
is_clean redis-server
cd "$scratch"

# start NAME OPTION...: a server behind the socket NAME, in a folder of its own.
start() {
	local name=$1
	mkdir -p "$name"
	"$CALLGATE" run -p "$EXAMPLES/redis-server.gate" -- redis-server --port 0 \
		--unixsocket "$scratch/$name.socket" --dir "$scratch/$name" --save '' \
		"${@:2}" >>"$name.log" 2>&1 &
	servers[$name]=$!
	for _ in {1..200}; do
		[[ $(r "$name" ping 2>&1) != PONG ]] || return 0
		sleep 0.05
	done
	cat "$name.log"
	exit 1
}

r() {
	redis-cli -s "$scratch/$1.socket" "${@:2}" 2>&1
}

# Until a server says so, 10 seconds at most.
wait_for() {
	for _ in {1..200}; do
		if r "$1" info | grep -q "^$2"; then
			echo yes
			return
		fi
		sleep 0.05
	done
	echo "no: $(r "$1" info | grep "^${2%%:*}")"
}

declare -A servers
cleanup 'for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done; wait'

start main --appendonly yes --io-threads 2 --io-threads-do-reads yes
is 'keeps a value' 'OK v' "$(echo $(r main set k v) $(r main get k))"
is 'keeps many' 20000 "$(r main eval '
	for i = 1, 20000 do redis.call("lpush", "list", i) end
	return redis.call("llen", "list")' 0)"
is 'saves in a child' 'Background saving started' "$(r main bgsave)"
is 'the child has ended well' yes "$(wait_for main rdb_bgsave_in_progress:0)"
is 'it was well' yes "$(wait_for main rdb_last_bgsave_status:ok)"
is 'rewrites its log' 'Background append only file rewriting started' \
	"$(r main bgrewriteaof)"
is 'it went well' yes "$(wait_for main aof_rewrite_in_progress:0)"
is 'says so' yes "$(wait_for main aof_last_bgrewrite_status:ok)"

port=$((20000 + RANDOM % 12000))
is 'listens' OK "$(r main config set bind 127.0.0.1 >/dev/null; r main config set port "$port")"
is 'answers over TCP' v "$(redis-cli -h 127.0.0.1 -p "$port" get k 2>&1)"
start copy --replicaof "127.0.0.1 $port"
is 'feeds a replica' yes "$(wait_for copy master_link_status:up)"
is 'the replica has it' v "$(r copy get k)"

is 'is filtered' 2 "$(awk '/^Seccomp:/ { print $2 }' "/proc/${servers[main]}/status")"
is 'stops' '' "$(r main shutdown nosave)"
status=0
wait "${servers[main]}" || status=$?
is 'stops well' 0 "$status"
unset 'servers[main]'
start main --appendonly yes
is 'starts again from its log' 'v 20000' "$(echo $(r main get k) $(r main llen list))"

refuses redis-server EAFNOSUPPORT socket 16 3 0
refuses redis-server EAFNOSUPPORT socket 2 3 1
refuses redis-server EPERM execve /bin/true 0 0
refuses redis-server EPERM clone 0x10000011
refuses redis-server ENOSYS clone3
refuses redis-server EPERM kill 0 19
refuses redis-server EPERM mprotect 0 4096 5
refuses redis-server EPERM prctl 38 1 0 0 0
dies redis-server ptrace
dies redis-server mount a b c 0 0
done_testing
