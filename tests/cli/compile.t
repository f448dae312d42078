# callgate compile

# writes what the kernel takes, in whole instructions
$ callgate compile -e 'allow read' -o a.bpf; callgate compile -e 'allow read' >b.bpf
> cmp a.bpf b.bpf && callgate check a.bpf && ls
a.bpf: ok: a filter of ... instructions
a.bpf
b.bpf

# refuses to fill a terminal with a raw filter {needs script}
$ script -qec "callgate compile -e 'allow read'" /dev/null | tr -d '\r'
callgate compile: a raw filter is not for a terminal
hint: name a file with -o, or ask for --format asm

# prints 16 hexadecimal digits an instruction
$ callgate compile -e 'default allow' -f hex | grep -vE '^[0-9a-f]{16}$'
[1]

# prints a C header that a compiler takes, named after the file {needs gcc}
$ echo 'allow read' >my-policy.gate
> callgate compile my-policy.gate -f c -o p.h
> printf '#include "p.h"\nint main(void) { return sizeof(my_policy) == 8 * MY_POLICY_LENGTH ? 0 : 1; }\n' >p.c
> gcc -Wall -Werror p.c -o p && ./p

# names the C array as asked
$ callgate compile -e 'allow read' -f c --name fence | grep -c 'fence\['
1

# prints the disassembly
$ callgate compile -e 'allow read' -f asm | head -1
l0: ...

# shows what the filter costs
$ callgate compile -e 'allow read' -o a.bpf --stats
... instructions, proven, ... nodes of the diagram
...
allowed                      1       1 ...
decided by arguments         0       0 ...
denied ...
all ...
... instructions at worst; expected ... a call, ... % above the optimum of ...

# draws the tests of the filter, and writes the filter to OUT alone
$ callgate compile -e 'arch x86_64; allow read, write; errno EACCES socket(domain != AF_UNIX); allow socket' --explain-layout -o a.bpf; callgate check a.bpf
test: verdict  calls  ...
arch != x86_64: kill  ...
nr == 41 (socket): arguments  socket  ... 4+ ...
nr ... allow  read, write  ...
else: errno EPERM  ...
a.bpf: ok: a filter of ... instructions

# draws in 80 columns, weighed by the counts
$ printf 'read: 3\nwrite: 1\n' >f; callgate compile -e 'arch x86_64 i386; allow read' --explain-layout --frequencies f >l
> awk 'length > 80' l; grep -c '  read ' l; grep -c 'i386:read ' l; head -1 l | grep -o 'counted$'
1
1
counted

# draws a filter that was made elsewhere
$ callgate compile -e 'allow getpid' -o a.bpf && callgate compile a.bpf --explain-layout | grep -o 'allow  getpid'
allow  getpid

# lays out for the calls that are counted
$ printf 'read: 10 # most\n\nopenat: 2\n' >f; callgate compile -e 'allow read, openat' -o a.bpf --frequencies f

# says what is wrong with the counts
$ printf 'read: 10\nopnat: 2\nread: many\n' >f; callgate compile -e 'allow read' -o a.bpf --frequencies f
f:2:1: error: there is no call 'opnat' [unknown-syscall]
...
f:3:1: error: the count of read is no number [bad-frequency]
...
[3]

# leaves the old file when the new one cannot be made
$ echo old >a.bpf; echo 'allow opnat' | callgate compile - -o a.bpf 2>&1 | head -1; cat a.bpf
-:1:7: error: there is no call 'opnat' [unknown-syscall]
old

# writes nothing when an expect line does not hold
$ callgate compile -e 'default allow; expect deny read' -o a.bpf 2>&1 | grep -c expect-failed; ls
1

# says that the output cannot be written
$ callgate compile -e 'allow read' -o no/such/folder
callgate: cannot write no/such/folder: No such file or directory
[4]

# says that the disk is full
$ callgate compile -e 'allow read' >/dev/full
callgate: cannot write the output: No space left on device
[4]

# refuses a form that there is not
$ callgate compile -e 'allow read' -f elf
callgate compile: 'elf' is not a choice; see --help
Try ...
[2]

# takes one policy
$ callgate compile -e 'allow read' -e 'allow write' >/dev/null
callgate compile: more than one policy is given
Try ...
[2]

# makes a program for kernels without the cache, with the same meaning
$ callgate compile -e 'allow read, write, openat' --cost-model no-cache -o a.bpf
> callgate test a.bpf read | head -1
read: allow, ...

# --json holds the program and its cost
$ callgate compile -e 'allow read' --json | python3 -c 'import json, sys
> d = json.load(sys.stdin)
> print(len(d["program"]) == d["stats"]["instructions"], d["stats"]["proven"])
> print(all(len(i) == 4 for i in d["program"]), d["diagnostics"])'
True True
True []
