# callgate ps

# shows a process under a filter, and what of it everyone may see
$ callgate run -e 'default allow' -- sleep 20 &
> until grep -q '^Seccomp:.2$' /proc/$!/status; do sleep 0.1; done
> callgate ps 2>/dev/null >table; kill $!
> head -1 table; awk -v pid=$! '$1 == pid { print $3, $4, $5, $NF }' table; tail -1 table
PID  ... USER ... SECCOMP ... NNP ... ALLOWS ... RISK ... NAME
1 filter yes sleep
... of ... processes ... under seccomp

# shows those without with --all
$ callgate ps --all 2>/dev/null | awk -v pid=$$ '$1 == pid { print $3, $4, $5, $6, $NF }'
- - - - sh

# has more columns where there is room
$ COLUMNS=150 callgate ps 2>/dev/null | head -1
PID ... USER ... SECCOMP ... NNP ... ALLOWS ... RISK ... WORST ... NAME ... PROGRAM

# --json is valid
$ callgate ps --all --json | python3 -c 'import json, os, sys
> all = json.load(sys.stdin)
> self = [p for p in all["processes"] if p["pid"] == os.getpid()][0]
> print(self["mode"], self["filters"], self["differing"], self["parent"] == os.getppid())'
disabled 0 [] True

# takes no argument
$ callgate ps 1
callgate ps: too many arguments: '1'
Try ...
[2]
