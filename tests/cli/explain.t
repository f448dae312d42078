# callgate explain

# names the rule that denies a call, the rules before it and the edit
$ printf '%s\n' 'arch x86_64' 'allow @file-system' 'allow socket(domain == AF_UNIX)' \
>     'kill socket' >a.gate
> callgate explain -p a.gate 'socket(AF_INET)'
socket(AF_INET) denied (kill)
  by   a.gate:4  kill socket
  fix  a.gate:4, insert before:  allow socket(domain == AF_INET)
  a.gate:3  allow socket(domain == AF_UNIX)  does not hold
  a.gate:4  kill socket                      holds: kill
  decided by instruction ...
[1]

# says when nothing speaks of a call
$ printf '%s\n' 'arch x86_64' 'default errno EACCES' 'allow read' >a.gate
> callgate explain -p a.gate ptrace
ptrace denied (EACCES)
  by   a.gate:2  default errno EACCES
  fix  a.gate, add at the end:  allow ptrace
  no rule speaks of it: what is said of all other calls counts
  decided by instruction ...
[1]

# says when a call is allowed
$ callgate explain -e 'allow read' 'read(fd = 3)'
read(fd = 3) allowed
  <-e>:1  allow read  holds: allow
  decided by instruction ...

# shows both answers where it depends
$ callgate explain -e 'arch x86_64; allow socket(domain == AF_UNIX)' socket | grep -c 'denied\|allowed'
2

# explains lines of a log, and what they lack
$ printf '%s\n' 'arch x86_64' 'default errno EACCES' 'kill socket(domain == AF_INET)' >a.gate
> printf '%s\n' 'May 1 h kernel: [1.2] audit: type=1326 audit(1700000000.123:4): auid=0 uid=33 gid=0 ses=1 pid=7 comm="x" exe="/bin/x" sig=31 arch=c000003e syscall=41 compat=0 ip=0x7f1234 code=0x80000000' \
>     'type=SYSCALL msg=audit(1700000000.123:5): arch=c000003e syscall=41' \
>     'type=SECCOMP msg=audit(1700000001.5:6): pid=8 comm=61200a62 exe="/bin/y" sig=0 arch=40000003 syscall=39 ip=0x9 code=0x50000' |
>     callgate explain -p a.gate --audit -
x[7] x86_64:socket(…) denied (kill)
  by   a.gate:3  kill socket(domain == AF_INET)
       (arguments decide, and the record has none)
  fix  a.gate:3, insert before:  allow socket(domain == AF_INET)
  at   0x7f1234 in /bin/x
a ?b[8] i386:mkdir(…) denied (errno)
  by   a.gate:1  arch x86_64
       which says kill
       (so it was another policy that was in force)
  fix  the policy does not list the ABI: add it to `arch`, with all rules that this brings
  at   0x9 in /bin/y
[1]

# a log without such lines
$ echo nothing >log; callgate explain --audit log
callgate explain: log: no line is about seccomp; they have type=SECCOMP or type=1326

# --json of a log
$ echo 'type=SECCOMP msg=audit(1700000000.123:4): uid=33 pid=7 comm="x" sig=31 arch=c000003e syscall=83 ip=0x7f code=0x80000000' |
> callgate explain --json -e 'arch x86_64; allow read' --audit - | python3 -c 'import json, sys
> one = json.load(sys.stdin)["denials"][0]
> print(one["program"], one["call"], one["verdict"], one["user"], one["time"], one["unknown"])
> print(one["decision"]["rule"]["kind"], one["decision"]["fix"]["rule"])'
x x86_64:mkdir kill 33 1700000000123 arguments
default allow mkdir

# --json of a call
$ callgate explain --json -e 'arch x86_64; deny mkdir' mkdir | python3 -c 'import json, sys
> one = json.load(sys.stdin)["denials"][0]
> print(one["call"]["name"], [a["name"] for a in one["call"]["arguments"]])
> print(one["decision"]["rule"]["text"], "|", one["decision"]["fix"]["patch"].splitlines()[-2])'
mkdir ['pathname', 'mode']
deny mkdir | +deny mkdir

# a core file that is none
$ echo text >core; callgate explain --core core || echo none
core: error: this ...
...
none

# a process that is none
$ callgate explain --pid 999999999
callgate explain: process 999999999: ...
[3]

# wants something to explain
$ callgate explain
callgate explain: nothing to explain: want a CALL, --core, --audit or --pid
[2]

# wants one thing
$ callgate explain --pid 1 --core x
callgate explain: one thing at a time: a CALL, --core, --audit or --pid
[2]

# wants a policy for a call
$ callgate explain mkdir
callgate explain: what would deny the call? Name a policy with -p FILE
[2]

# tells of a call that is none
$ callgate explain -e 'allow read' mkdri
call:1:1: error: ...
...
[3]
