# callgate check

# says how much a policy holds, and that it was proven
$ printf 'arch x86_64 aarch64\nallow read, write\nkill ptrace\nexpect deny socket\n' >a.gate
> callgate check a.gate
a.gate: ok: 2 rules, 2 ABIs, ... instructions, proven, 2 expects hold

# takes standard input
$ echo 'allow read' | callgate check -
-: ok: 1 rule, 1 ABI, ... instructions, proven

# takes a text of the command line, statements parted by semicolons
$ callgate check -e 'default allow; errno EACCES mkdir, mkdirat'
<-e>: ok: 1 rule, 1 ABI, ... instructions, proven

# takes a raw filter by its name, and by its content
$ callgate compile -e 'allow read' -o f.bpf; cp f.bpf f
> callgate check f.bpf f
f.bpf: ok: a filter of ... instructions
f: ok: a filter of ... instructions

# gives an error of one name the number that it has on each ABI
$ printf '%s\n' 'abi linux-5.0' 'arch x86_64 mipsel' 'default errno ENOTEMPTY' 'allow read' \
>     'expect errno 38 x86_64:openat2' 'expect errno 89 mipsel:openat2' \
>     'expect errno 39 x86_64:write' 'expect errno 93 mipsel:write' >a.gate
> callgate check a.gate; callgate compile a.gate -o a.bpf; callgate decompile a.bpf -o b.gate
> callgate diff a.bpf b.gate 2>/dev/null
a.gate: ok: 1 rule, 2 ABIs, ... instructions, proven, 4 expects hold
a.bpf and b.gate are equal

# … in rules as well, and in what is expected of them
$ callgate check -e 'arch s390x mips parisc; default errno ENOTEMPTY
> allow write(fd < 3); deny write; errno ENOSYS read, clone3; errno 38 getpid
> arch mips { errno ELOOP close; }
> expect errno 39 s390x:write(fd = 3); expect errno 93 mips:write(fd = 3)
> expect errno 247 parisc:write(fd = 3); expect errno ENOTEMPTY mips:lseek, parisc:close
> expect errno 38 s390x:read; expect errno 89 mips:read; expect errno 251 parisc:read
> expect errno ENOSYS clone3, read; expect errno 90 mips:close; expect errno 38 getpid'
<-e>: ok: 5 rules, 3 ABIs, ... instructions, proven, 18 expects hold

# … but not where the ABI is any that nobody listed
$ callgate check -e 'arch x86_64 mipsel; badarch errno ENOSYS; allow read'
<-e>:1:29: error: this error is 38 on x86_64 but 89 on mipsel, and those other ABIs may be like either [errno-differs]
...
[3]

# … and a name that none of them has is a slip everywhere
$ callgate check -e 'arch x86_64 mipsel; errno ENOSIS read'
<-e>:1:27: error: there is no error 'ENOSIS' [unknown-errno]
...
[3]

# goes on with the next file after a bad one
$ echo 'allow read' >good.gate
> callgate check missing.gate good.gate
missing.gate: error: there is no such file [file]
good.gate: ok: ...
[3]

# reports an unknown name under a caret, with the nearest one
$ printf 'allow read,\\\n\topnat\n' >a.gate; callgate check a.gate
a.gate:2:2: error: there is no call 'opnat' [unknown-syscall]
    2 |         opnat
      |         ^~~~~
      | hint: did you mean 'openat'?
[3]

# reports every error of a file at once
$ printf 'allow opnat, raed\nallow socket(domian == 3)\nerrno EPREM read\n' |
> callgate check - 2>&1 | grep error: | sort
-:1:14: error: ...raed...
-:1:7: error: ...opnat...
-:2:14: error: ...domian...
-:3:7: error: ...EPREM...

# counts wide and combining characters in columns
$ printf 'allow read, 中é́x\n' | callgate check -
-:1:13: error: ...
    1 | allow read, 中é́x
      |             ^...
...
[3]

# cuts a long line around the place
$ { printf 'allow '; for i in $(seq 60); do printf 'read, '; done; echo opnat; } |
> callgate check -
...
-:1:367: error: there is no call 'opnat' [unknown-syscall]
    1 | ...read, read, read, read, opnat
      |                            ^~~~~
      | hint: did you mean 'openat'?
[3]

# obeys no escape sequence of a source
$ printf 'allow \033[31mread\n' | callgate check - 2>&1 | cat -v
-:1:7: error: ...
    1 | allow ?[31mread
...

# says which expect line does not hold, with a call
$ printf 'default allow\nexpect deny read\n' | callgate check -
-:2:...: error: ...read... [expect-failed]
    2 | expect deny read
...
[1]

# warns without failing
$ printf 'default allow\nallow read\nallow read\n' | callgate check -
-:3:...: warning: ...
...
-: ok: ...

# a parameter turns a block on
$ printf 'when net {\n\tallow opnat\n}\n' >a.gate
> callgate check -D net a.gate 2>&1 | grep -c 'error: .*opnat'
1

# --abi takes the place of the policy's
$ printf 'arch x86_64\nallow read\n' | callgate check --json --abi aarch64 --abi i386 - |
> python3 -c 'import json, sys; print(json.load(sys.stdin)["files"][0]["abis"])'
['aarch64', 'i386']

# refuses a NUL in a text
$ printf 'allow read\n\0allow write\n' | callgate check -
-:2:1: error: ...
...
[3]

# refuses an include loop
$ echo 'include "b.gate"' >a.gate; echo 'include "a.gate"' >b.gate
> callgate check a.gate
b.gate:1:...: error: ...
...
[3]

# refuses a missing include at its place
$ printf 'allow read\ninclude "no.gate"\n' >a.gate; callgate check a.gate
a.gate:2:...: error: ...no.gate...
...
[3]

# refuses a file of 2 GB without reading it
$ truncate -s 2G big.gate; callgate check big.gate
big.gate: error: it is larger than 16 MiB [file]
[3]

# refuses a directory
$ mkdir d; callgate check d
d: error: ...directory... [file]
...
[3]

# refuses a pipe that might never end
$ mkfifo f; callgate check f
f: error: ... [file]
...
[3]

# refuses a truncated filter
$ callgate compile -e 'allow read' | head -c 20 >f.bpf; callgate check f.bpf
f.bpf: error: 20 bytes are not between 1 and 4096 whole instructions [not-a-program]
      | hint: a raw filter is a sequence of struct sock_filter, 8 bytes each
[3]

# refuses an empty filter
$ : >f.bpf; callgate check f.bpf
f.bpf: error: 0 bytes are not ... [not-a-program]
...
[3]

# refuses a filter that is longer than the kernel takes
$ truncate -s 32776 f.bpf; callgate check f.bpf
f.bpf: error: 32776 bytes are not ... [not-a-program]
...
[3]

# refuses a filter that the kernel would, and says which instruction
$ printf '\377\0\0\0\0\0\0\0\6\0\0\0\0\0\377\177' >f.bpf; callgate check f.bpf
f.bpf: error: instruction 0 ... [bad-program]
      | hint: ...
[3]

# is empty-handed without a file
$ callgate check
callgate check: no policy is given; want FILE...
Try ...
[2]

# --json is one valid document, with every file and place
$ printf 'allow read\n' >good.gate; printf 'allow opnat\n' >bad.gate
> callgate check --json good.gate bad.gate >out
> echo $?
> python3 -c 'import json
> good, bad = json.load(open("out"))["files"]
> print(good["ok"], good["rules"], good["abis"], good["proven"], good["diagnostics"])
> d = bad["diagnostics"][0]
> print(bad["ok"], [d[k] for k in ("severity", "code", "file", "line", "column", "length")])
> print(d["message"], d["hint"], d["notes"])'
3
True 1 [...] True []
False ['error', 'unknown-syscall', 'bad.gate', 1, 7, 5]
there is no call 'opnat' did you mean 'openat'? []

# --json stays valid whatever the source holds
$ printf 'allow \377\033\0"\n' | callgate check --json - | python3 -m json.tool >/dev/null
