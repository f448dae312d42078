# callgate merge

# merges recordings, in any order and however often
$ . $TOP/tests/cli/recordings.sh
> callgate merge a.cgrec b.cgrec -o ab.cgrec; callgate merge b.cgrec a.cgrec -o ba.cgrec
> callgate merge ab.cgrec b.cgrec ba.cgrec -o again.cgrec
> cmp ab.cgrec ba.cgrec && cmp ab.cgrec again.cgrec && cat ab.cgrec
callgate-recording 1
kernel 6.18
run 0a000000000000000000000000000000 6.1 one
run 0b000000000000000000000000000000 6.18 two%20words
call x86_64 0 read done 5 sh 1:1200 2:4
call x86_64 41 socket done 7 sh 1:1 2:2
arg 0 set 0x1 0x2
arg 1 set 0x1 0x80002
arg 2 set 0
call x86_64 101 ptrace refused 9 gdb 2:1
call x86_64 231 exit_group done 9 sh 1:1
end 11 ...

# writes a policy
$ . $TOP/tests/cli/recordings.sh
> callgate merge a.cgrec b.cgrec -o ab.gate; sed 's/^#/%/' ab.gate; callgate check ab.gate
% Recorded from one
% and two words
% 1,209 calls of 4 kinds in 2 runs

abi     linux-6.18
arch    x86_64
default errno EPERM

% @basic-io: reading, writing, seeking and duplicating descriptors that are open
allow   read                            # 1,204 calls, first by sh

% @default: what practically every program does to start, run and end
allow   exit_group                      # 1 call, first by sh

% @network-io: sockets
% 3 calls, first by sh
allow   socket(domain in {AF_UNIX, AF_INET},
                type & SOCK_TYPE_MASK in {SOCK_STREAM, SOCK_DGRAM},
                protocol == 0)

% Not seen: what any program needs to end, or after a signal
allow   rt_sigreturn, restart_syscall, exit

% Refused by another filter
% ptrace: 1 call, first by gdb

expect  allow socket(domain = AF_UNIX, type = SOCK_STREAM, protocol = 0)
expect  deny  ptrace
ab.gate: ok: 4 rules, 1 ABI, ... instructions, proven, 2 expects hold

# writes it as tight as what was seen, or without conditions
$ . $TOP/tests/cli/recordings.sh
> callgate merge a.cgrec -o a.gate --args tight --no-counts --default kill
> grep -v '^#\|^$' a.gate
abi     linux-6.1
arch    x86_64
default kill
allow   read
allow   exit_group
allow   socket(domain == AF_UNIX, type == SOCK_STREAM, protocol == 0)
allow   rt_sigreturn, restart_syscall, exit
expect  allow socket(domain = AF_UNIX, type = SOCK_STREAM, protocol = 0)
$ callgate merge a.cgrec -o a.gate --args none; sed -n 's/^#/%/; /socket /p; /run,/p' a.gate
% 1,202 calls of 3 kinds in 1 run, each first by sh
allow   socket                          # 1 call

# of the mode of a file only the bits matter that give rights to whoever runs it
$ . $TOP/tests/cli/recordings.sh
> cat >c.text <<END
> callgate-recording 1
> kernel 6.1
> run 0c000000000000000000000000000000 6.1 three
> call x86_64 90 chmod done 7 sh 1:1
> arg 1 bits 0x5ed
> END
> sum c.text >c.cgrec; callgate merge c.cgrec -o c.gate; grep chmod c.gate | head -1
> callgate merge c.cgrec -o c.gate --args tight; grep chmod c.gate | head -1
allow   chmod(mode & (S_ISVTX|S_ISUID) == 0)
allow   chmod(mode & ~(S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IRWXU|S_ISGID) == 0)

# says what is dangerous about a call
$ . $TOP/tests/cli/recordings.sh
> cat >d.text <<END
> callgate-recording 1
> kernel 6.1
> run 0d000000000000000000000000000000 6.1 four
> call x86_64 321 bpf done 7 sh 1:1
> END
> sum d.text >d.cgrec; callgate merge d.cgrec -o d.gate --args none; grep -B3 bpf d.gate | sed 's/^#/%/'
> callgate check d.gate
% @privileged: what an ordinary user's program may not do
% loads programs into the kernel that see and change what other processes do;
% its verifier has had many holes
allow   bpf                             # 1 call
d.gate: ok: 2 rules, 1 ABI, ...

# options for a policy want a policy
$ . $TOP/tests/cli/recordings.sh
> callgate merge a.cgrec -o b.cgrec --args tight
callgate merge: these options are for policies; want -o FILE.gate
[2]

# memory that was writable or executable must not be both at once
$ . $TOP/tests/cli/recordings.sh
> sed '/^call x86_64 41/i call x86_64 10 mprotect done 5 sh 1:2\narg 2 set 0x3 0x5' a.text >c.text
> sum c.text >c.cgrec; callgate merge c.cgrec -o c.gate; grep ^allow.*mprotect c.gate
allow   mprotect(prot in {PROT_READ|PROT_WRITE, PROT_READ|PROT_EXEC})

# adds what libc may call instead
$ . $TOP/tests/cli/recordings.sh
> sed '/^call x86_64 41/i call x86_64 35 nanosleep done 5 sh 1:2' a.text >c.text
> sum c.text >c.cgrec; callgate merge c.cgrec -o c.gate --margin libc; grep margin c.gate
allow   clock_nanosleep                 # margin, for nanosleep

# writes frequencies that compile takes
$ . $TOP/tests/cli/recordings.sh
> callgate merge a.cgrec b.cgrec -o ab.gate --frequencies ab.freq; sed 's/^#/%/' ab.freq
> callgate compile ab.gate --frequencies ab.freq -o ab.bpf
> callgate merge a.cgrec b.cgrec -o ab.cgrec; callgate compile ab.gate --frequencies ab.cgrec -o c.bpf
> cmp ab.bpf c.bpf
% How often calls were made; for compile --frequencies.
exit_group: 1
ptrace: 1
read: 1204
socket: 3

# joins policies, in any order and however often
$ echo 'arch x86_64; default kill; allow read; errno EACCES open' >p.gate
> echo 'arch x86_64; allow write, socket(domain == AF_UNIX); errno ENOSYS open' >q.gate
> callgate merge p.gate q.gate -o pq.gate; callgate merge q.gate p.gate -o qp.gate
> callgate merge pq.gate q.gate p.gate -o again.gate
> cmp pq.gate qp.gate && cmp pq.gate again.gate && sed 1,2d pq.gate
abi     linux-...
arch    x86_64
default errno EPERM
unknown errno EPERM
badarch kill

allow   socket(domain == AF_UNIX)
errno ENOSYS open
allow   read, write

# joins recordings and policies
$ . $TOP/tests/cli/recordings.sh
> callgate merge a.cgrec -e 'arch x86_64; allow write' -o all.gate
> callgate merge -e 'arch x86_64; allow write' a.cgrec -o lla.gate; cmp all.gate lla.gate
> grep ^allow all.gate
allow   socket(domain == AF_UNIX and type & SOCK_TYPE_MASK == SOCK_STREAM and protocol
allow   exit, exit_group, read, restart_syscall, rt_sigreturn, write

# makes no recording of policies
$ callgate merge -e 'allow read' -o all.cgrec
callgate merge: policies make no recording; want -o FILE.gate
[2]

# reads standard input
$ . $TOP/tests/cli/recordings.sh
> callgate merge - <a.cgrec | cmp - a.cgrec

# finds a recording that was cut, and takes what is left when told to
$ . $TOP/tests/cli/recordings.sh
> head -c 204 a.cgrec >cut.cgrec
> callgate merge cut.cgrec -o new.cgrec; echo $?; ls new.cgrec 2>&1
cut.cgrec:9:...: error: the end of the recording is missing [truncated-recording]
...
      | hint: it was cut; 'callgate merge --salvage' takes what is left
3
ls: ...
$ callgate merge --salvage cut.cgrec
cut.cgrec:9:...: warning: the end of the recording is missing: calls behind this are lost [truncated-recording]
...
callgate-recording 1
kernel 6.1
spoiled
run 0a000000000000000000000000000000 6.1 one
call x86_64 0 read done 5 sh 1:1200
call x86_64 41 socket done 8 sh 1:1
arg 0 set 0x1
arg 1 set 0x1
arg 2 set 0
end 9 ...

# finds a recording that was changed
$ . $TOP/tests/cli/recordings.sh
> sed 's/1200/1201/' a.cgrec >changed.cgrec
> callgate merge changed.cgrec
changed.cgrec:10:1: error: the recording was changed: its sum is ... [damaged-recording]
...
[3]

# says when a default is none
$ . $TOP/tests/cli/recordings.sh
> callgate merge a.cgrec --default 'errno ENOENTS' -o a.gate
default:1:15: error: ...
...
[2]

# says which conditions there are
$ callgate merge --args all x
callgate merge: want --args none, safe or tight, not 'all'
...
[2]
$ callgate merge --margin musl x
callgate merge: the only margin is libc, not 'musl'
...
[2]
