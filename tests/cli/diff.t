# callgate diff

# says nothing of filters that are equal but that they are
$ callgate diff -e 'arch x86_64; allow read, write' -e 'arch x86_64; allow write; allow read'
<-e> and <-e> are equal

# says which is stricter, and where
$ callgate diff -e 'arch x86_64; allow read' -e 'arch x86_64; allow read, write, close' | grep .
<-e> is stricter than <-e>
errno EPERM -> allow on x86_64: 2 calls
    write, close
    for instance x86_64:write(0, NULL, 0)

# exits with 1 when they differ
$ callgate diff -e 'arch x86_64; allow read' -e 'arch x86_64' >/dev/null
[1]

# says under which condition
$ callgate diff -e 'arch x86_64; allow ioctl(cmd == TCGETS)' -e 'arch x86_64; allow ioctl' | tail -3
errno EPERM -> allow on x86_64: 1 call
    ioctl where cmd != TCGETS
    for instance x86_64:ioctl(0, 0, 0)

# explains an argument compared in too many bits
$ callgate diff -e 'arch x86_64; allow socket(domain == AF_UNIX)' -e 'arch x86_64; allow socket(u64(domain) == AF_UNIX)' 2>/dev/null | tail -3
allow -> errno EPERM on x86_64: 1 call
    socket where domain == AF_UNIX and u64(domain) != AF_UNIX
    for instance x86_64:socket(AF_UNIX + 0x100000000, 0, IPPROTO_IP)

# tells another errno from another strictness
$ callgate diff -e 'arch x86_64; default errno EPERM' -e 'arch x86_64; default errno EACCES' | sed -n 1p
<-e> and <-e> are as strict, with other numbers

# knows filters that are now stricter, now looser
$ callgate diff -e 'arch x86_64; allow read' -e 'arch x86_64; allow write' | sed -n 1p
<-e> and <-e> are incomparable

# speaks of numbers that are no call, and of other architectures
$ callgate diff -e 'arch x86_64; kill x86_64:5000..6000' -e 'arch x86_64; badarch trap' | grep '^kill\|^    5000\|^other' | sort -u
    5000..6000
kill -> errno EPERM on x86_64: 1001 calls
kill -> trap on other architectures: every call
kill -> trap on x32: every call
other architectures are the unknown ones and

# tells ABIs together that neither filter tells from one that it does not know, by number
$ printf '\40\0\0\0\0\0\0\0\25\0\0\1\5\0\0\0\6\0\0\0\0\0\377\177\6\0\0\0\0\0\0\0' >a.bpf
> callgate diff a.bpf -e 'arch x86_64; default kill-thread; allow fstat; badarch kill-thread'
a.bpf is looser than <-e>
...
other architectures are the unknown ones and
    i386, ...
...
allow -> kill-thread on other architectures: 1 number
    5
    for instance i386:open(NULL, O_RDONLY, 0)
[1]

# takes raw filters and policies
$ callgate compile -e 'arch x86_64; allow read' -o a.bpf; callgate diff a.bpf -e 'arch x86_64; allow read'
a.bpf and <-e> are equal

# takes them in the order of the line
$ echo 'arch x86_64' >a.gate; callgate diff a.gate -e 'arch x86_64; allow read' | head -1
a.gate is stricter than <-e>

# compares filters of other machines, in their byte order
$ callgate compile -e 'arch s390x; allow read' -o a.bpf
> callgate compile -e 'arch s390x; allow read, write(count < 4096)' -o b.bpf
> callgate diff --live a.bpf b.bpf | grep .
a.bpf is stricter than b.bpf
errno EPERM -> allow on s390x: 1 call
    write where count < 4096
    for instance s390x:write(0, NULL, 0)
the kernel confirms 0 answers, contradicts 0; 2 were not asked for

# takes the options of profiles
$ echo '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["bpf"],
> "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"]}}]}' >a.json
> callgate diff --abi x86_64 --cap CAP_BPF a.json -e 'badarch kill-thread; allow bpf'
a.json and <-e> are equal

# --live asks the kernel about what is denied
$ callgate diff --live -e 'default allow; errno EACCES getpid; kill getuid' -e 'default allow' | tail -1
the kernel confirms 2 answers, contradicts 0; ...

# --json holds the same
$ callgate diff --json -e 'arch x86_64; allow read' -e 'arch x86_64; allow read, write' | python3 -c 'import json, sys
> d = json.load(sys.stdin); print(d["relation"], d["differences"])'
stricter [{'abi': 'x86_64', 'abis': 'x86_64', 'calls': 'write', 'count': 1, 'condition': None, 'first': 'errno EPERM', 'second': 'allow', 'example': 'x86_64:write(0, NULL, 0)'}]

# wants two
$ callgate diff -e 'allow read'
callgate diff: want two filters, got 1
[2]

# says what is wrong with either
$ callgate diff -e 'allow opnat' -e 'allow read' 2>&1 | sed -n 1p
<-e>:1:7: error: ...
