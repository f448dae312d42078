# callgate syscall

# knows a call on every ABI
$ callgate syscall socket
socket: ...
in ...@network-io...

socket(int domain, int type, int protocol)

ARGUMENT  TYPE  BITS       TAKES
domain    int   32 signed  ...
...

ABI ... NUMBER ... SINCE ... ALSO
x86_64 ... 41 ...
i386 ... 359 ... 4.3 ... socketcall(1, ...)
x32 ... 0x40000029 (41) ...
...
mipsel ... 4183 ... socketcall(1, ...)
mips64 ... 5040 ...
...

# keeps to 80 columns with all its ABIs
$ callgate syscall socket 0 AF_UNIX TIOCGWINSZ EDEADLK | awk 'length > 80'

# knows a number, which is another call elsewhere
$ callgate syscall 257
ABI ... NUMBER ... CALL
x86_64 ... 257 ... openat
i386 ... 257 ... remap_file_pages
...

# takes numbers as the language does
$ callgate syscall --abi x86_64 0x101
ABI     NUMBER  CALL
x86_64  257     openat

# lists the members of a group
$ callgate syscall @swap
@swap: ...

CALL ... DOES
swapoff ...
swapon ...

# shows the rules of a promise
$ callgate syscall @dpath
@dpath: make pipes with a name and device files

allow ?mknod, mknodat where mode & S_IFMT in {S_IFIFO, S_IFCHR, S_IFBLK}

# shows them to programs too
$ callgate syscall --json @fowner | grep -c '"promise": "@fowner"'
1

# lists promises among the groups
$ callgate syscall --groups | grep -c ' promise '
18

# keeps to 80 columns
$ callgate syscall @stdio @inet @load | awk 'length > 80'

# knows a constant, which may be another number elsewhere
$ callgate syscall O_DIRECTORY --abi x86_64 --abi aarch64
O_DIRECTORY of open

ABI      VALUE  HEXADECIMAL
x86_64   65536  0x10000
aarch64  16384  0x4000

# knows constants that hardly two machines agree on
$ callgate syscall TIOCGWINSZ --abi x86_64 --abi ppc64le --abi mips --abi loongarch64
TIOCGWINSZ of ioctl

ABI          VALUE       HEXADECIMAL
x86_64       21523       0x5413
ppc64le      1074295912  0x40087468
mips         1074295912  0x40087468
loongarch64  21523       0x5413

# tells every ABI to programs too
$ callgate syscall --json ECONNREFUSED | grep -c '"abi"'
23

# answers several at once
$ callgate syscall --abi x86_64 read AF_UNIX | grep -cE '^(read:|AF_UNIX)'
2

# offers the name that was meant
$ callgate syscall opnat
callgate: opnat is no system call, group, promise or constant; did you mean openat?
[3]

# refuses a number that no ABI has
$ callgate syscall 99999
callgate: no system call has the number 99999
[3]

# lists calls, groups and ABIs
$ callgate syscall | sed -n '1p;/^read /p'
> callgate syscall --groups | head -1
> callgate syscall --abis | head -1
CALL ... DOES
read ...
GROUP ... CALLS ... WHAT
ABI ... BITS ... BYTES ... AUDIT_ARCH ... NOTE

# --json holds the same
$ callgate syscall --json openat 257 @swap AF_UNIX --abi x86_64 | python3 -c 'import json, sys
> call, number, group, constant = json.load(sys.stdin)["found"]
> print(call["syscall"], call["abis"][0]["number"], call["abis"][0]["arguments"][0]["name"])
> print(number["syscalls"])
> print([c["syscall"] for c in group["syscalls"]])
> print(constant["family"], constant["values"])'
openat 257 dirfd
[{'abi': 'x86_64', 'syscall': 'openat', 'number': 257}]
['swapoff', 'swapon']
af [{'abi': 'x86_64', 'value': 1}]

# --json of the lists is valid
$ for list in '' --groups --abis; do callgate syscall --json $list | python3 -m json.tool; done |
> grep -cE '"(syscalls|groups|abis)": \['
...
