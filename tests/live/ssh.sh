#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples/ssh.gate: commands, files and terminals go to and come from a server on this
# machine, which has keys of its own; programs and listening want their parameters.
source "$(dirname "$0")/lib.sh"
sshd=/usr/sbin/sshd             # which wants to be called by its whole path
need ssh ssh-keygen script timeout "$sshd"
is_clean ssh
cd "$scratch"

# The server of a root wants a folder to shut itself in; that of a user lets in just him.
if [[ $(id -u) == 0 && ! -d /run/sshd ]]; then
	mkdir -m 755 /run/sshd 2>/dev/null || skip 'sshd has no /run/sshd'
	cleanup 'rmdir /run/sshd'
fi
ssh-keygen -q -t ed25519 -N '' -f host
ssh-keygen -q -t ecdsa -N '' -f another
ssh-keygen -q -t ed25519 -N '' -f key
cat >conf <<-END
	ListenAddress 127.0.0.1
	HostKey $scratch/host
	HostKey $scratch/another
	AuthorizedKeysFile $scratch/key.pub
	AuthenticationMethods publickey
	PermitRootLogin prohibit-password
	PidFile none
	StrictModes no
	UsePAM no
END

# A port that nobody listens on now. Another may take it before sshd does, so that start()
# tries a few.
pick_port() {
	local port
	for _ in {1..50}; do
		port=$((20000 + RANDOM % 12000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# By its own word, since another's server may be what answers.
is_up() {
	for _ in {1..100}; do
		kill -0 "$server" 2>/dev/null || return 1
		grep -qs '^Server listening' server.log && return
		sleep 0.05
	done
	return 1
}

stop() {
	kill "$server" 2>/dev/null || true
	wait "$server" || true
}

start() {
	for _ in 1 2 3; do
		port=$(pick_port)
		"$sshd" -D -e -f conf -p "$port" 2>server.log &
		server=$!
		is_up && return
		stop
	done
	skip "sshd does not start: $(tail -1 server.log)"
}

start
cleanup stop

unset SSH_AUTH_SOCK SSH_ASKPASS DISPLAY
export LC_ALL=C SHELL=/bin/sh
gate=("$CALLGATE" run -p "$EXAMPLES/ssh.gate")
client=(ssh -F none -i "$scratch/key" -o IdentitiesOnly=yes -o BatchMode=yes
	-o ConnectTimeout=10 -o StrictHostKeyChecking=no -o LogLevel=ERROR
	-o "UserKnownHostsFile=$scratch/known" -p "$port" -l "$(id -un)")

# Some machines lock the accounts of root and of those who build.
timeout 20 "${client[@]}" -n 127.0.0.1 true 2>stderr ||
	skip "sshd lets nobody in: $(tail -1 stderr)"
rm -f known

# s [ARGUMENT]...: ssh under the policy and the parameter, where there is one.
parameter=
s() {
	timeout 20 "${gate[@]}" ${parameter:+-D "$parameter"} -- "${client[@]}" "$@" 2>&1
}

head -c 3000000 /dev/urandom >large
is 'runs a command' hello "$(s -n 127.0.0.1 'echo hello')"
is 'notes the key of the host' 1 "$(grep -c "$port.*ssh-ed25519" known)"
is 'knows it again' hello "$(s -n -o StrictHostKeyChecking=yes 127.0.0.1 'echo hello')"
is 'resolves a name' hello "$(s -n localhost 'echo hello')"
is 'passes the status on' 3 "$(s -n 127.0.0.1 'exit 3' || echo $?)"
is 'copies a file there' 0 "$(s 127.0.0.1 "cat >'$scratch/there'" <large &&
	cmp large there; echo $?)"
is 'copies a file here, compressed' 0 "$(s -n -C 127.0.0.1 "cat '$scratch/large'" >here &&
	cmp large here; echo $?)"
is 'has a terminal there' 1 "$(s -n -tt 127.0.0.1 tty | grep -c '^/dev/pts/')"
is 'has a terminal here, too' 1 "$(timeout 20 script -qec "$(printf '%q ' \
	"${gate[@]}" -- "${client[@]}" -t 127.0.0.1 tty)" /dev/null </dev/null |
	grep -c '/dev/pts/')"
is 'goes on from there to others' SSH-2.0 "$(s -W "127.0.0.1:$port" 127.0.0.1 </dev/null |
	head -c 7)"
open=$(pick_port)
is 'lets others come from there' SSH-2.0 "$(s -n -R "$open:127.0.0.1:$port" 127.0.0.1 \
	"timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/$open; head -c 7 <&3'")"
is 'learns more keys of the host' 2 "$(s -n -o UpdateHostKeys=yes 127.0.0.1 true;
	grep -c "$port" known)"
is 'says that nobody is there' 255 "$(s -n 127.0.0.2 true >/dev/null || echo $?)"

jump=(-n -o "ProxyCommand=$(printf '%q ' "${client[@]}") -W 127.0.0.1:$port 127.0.0.1")
is 'starts no program' 255 "$(s "${jump[@]}" inner true >/dev/null || echo $?)"
parameter=programs
is 'a parameter has it start some' hello "$(s "${jump[@]}" inner 'echo hello')"

# The command at the server's connects to the client's port.
parameter=
open=$(pick_port)
forward=(-n -o ExitOnForwardFailure=yes -L "127.0.0.1:$open:127.0.0.1:$port")
is 'waits for no connection' 255 "$(s "${forward[@]}" 127.0.0.1 true >/dev/null || echo $?)"
parameter=listen
is 'a parameter has it wait for some' SSH-2.0 "$(s "${forward[@]}" 127.0.0.1 \
	"timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/$open; head -c 7 <&3'")"

refuses ssh EAFNOSUPPORT socket 16 3 0
refuses ssh EAFNOSUPPORT socket 17 3 0
refuses ssh EAFNOSUPPORT socket 2 3 1
refuses ssh EPERM listen 3 1
refuses ssh EPERM execve /bin/true 0 0
refuses ssh EPERM clone 17
refuses ssh ENOSYS clone3
refuses ssh EPERM unshare 0x10000000
refuses ssh EPERM ioctl 0 0x5412 x
refuses ssh EPERM setsockopt 3 270 1 0 0
refuses ssh EPERM mprotect 0 4096 5
dies ssh ptrace
dies ssh mount a b c 0 0
dies ssh bpf
done_testing
