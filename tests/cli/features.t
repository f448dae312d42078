# callgate features

# tells of flags and actions
$ callgate features
Linux ... on ...

KIND ... NAME ... HERE ... SINCE ... LOGGED
...
flag    tsync ...
...
action  allow ...
...

# --json is valid and says no more than was asked of the kernel
$ callgate features --json | python3 -c 'import json, sys
> f = json.load(sys.stdin)
> print(len(f["flags"]), len(f["actions"]), f["seccomp_call"] in (True, False, None))'
6 8 True

# takes no argument
$ callgate features x
callgate features: too many arguments: 'x'
Try ...
[2]
