# callgate test

# names the verdict and the line that decided
$ printf 'default errno EPERM\nallow read, write\nkill ptrace # never\n' >a.gate
> callgate test a.gate read ptrace mount
read: allow, cached (else ... instructions)
  a.gate:2: allow read, write
ptrace: kill, ... instructions
  a.gate:3: kill ptrace
mount: errno EPERM, ... instructions
  a.gate:1: default errno EPERM
[1]

# is content when all is allowed
$ callgate test -e 'allow read, write' read write
...

# takes arguments by place and by name
$ callgate test -e 'allow socket(domain == AF_UNIX)' 'socket(AF_UNIX, SOCK_STREAM, 0)' |
> head -1
> callgate test -e 'allow socket(domain == AF_UNIX)' 'socket(domain = AF_INET)'
socket(AF_UNIX, SOCK_STREAM, 0): allow, ...
socket(domain = AF_INET): errno EPERM, ...
  (said nowhere: the language's default)
[1]

# says that it depends, with a call for each answer
$ callgate test -e 'errno EACCES socket(domain == AF_INET); allow socket' socket
socket: depends on what is not said
...:socket(AF_UNSPEC, ...): allow, ... instructions
  <-e>:1: allow socket
...:socket(AF_INET, ...): errno EACCES, ... instructions
  <-e>:1: errno EACCES socket(domain == AF_INET)
[1]

# takes a filter
$ callgate compile -e 'default allow; errno EACCES mkdir' -o a.bpf
> callgate test a.bpf mkdir
mkdir: errno EACCES, ... instructions
[1]

# knows the ABI before a colon
$ callgate test -e 'arch x86_64 i386; allow read' i386:read | head -1
i386:read: allow, ...

# answers a call of an ABI that is not listed, which `arch` decides
$ callgate test -e 'arch x86_64; default allow' aarch64:read
aarch64:read: kill, ...
  <-e>:1: arch x86_64
[1]

# a call newer than the `abi` is decided by that, or by `unknown`
$ printf 'abi linux-5.4\ndefault errno EPERM\n' >a.gate; callgate test a.gate openat2
> printf 'unknown errno EACCES\n' >>a.gate; callgate test a.gate openat2
openat2: errno ENOSYS, ...
  a.gate:1: abi linux-5.4
openat2: errno EACCES, ...
  a.gate:3: unknown errno EACCES
[1]

# refuses a call that there is not
$ callgate test -e 'allow read' opnat
...error: ...opnat...
...
[3]

# wants a call
$ callgate test -e 'allow read'
callgate test: too few arguments; want FILE CALL...
Try ...
[2]

# the policy for nginx stops what it should
$ callgate test $TOP/examples/nginx.gate 'socket(AF_NETLINK, SOCK_RAW, 0)' ptrace \
>     'openat(AT_FDCWD, 0, O_RDONLY)'
socket(AF_NETLINK, SOCK_RAW, 0): ...
  ...examples/nginx.gate:...
ptrace: ...
  ...examples/nginx.gate:...
openat(AT_FDCWD, 0, O_RDONLY): allow, ...
  ...examples/nginx.gate:...
[1]

# --json holds every answer
$ callgate test --json -e 'errno EACCES socket(domain == AF_INET); allow socket, read' \
>     socket read | python3 -c 'import json, sys
> s, r = json.load(sys.stdin)["calls"]
> print(s["asked"], s["allowed"], s["depends"], sorted(a["verdict"] for a in s["answers"]))
> print(r["asked"], r["allowed"], r["depends"], [a["cached"] for a in r["answers"]])
> print(r["answers"][0]["line"], r["answers"][0]["file"])'
socket False True ['allow', 'errno EACCES']
read True False [True]
1 <-e>

# names an error as the call's ABI numbers it
$ callgate test -e 'arch x86_64 mipsel; default errno ENOSYS; allow read' write mipsel:write
write: errno ENOSYS, ...
  <-e>:1: default errno ENOSYS
mipsel:write: errno ENOSYS, ...
  <-e>:1: default errno ENOSYS
[1]
