# callgate audit

# has nothing to say about a plain list
$ callgate audit -e 'arch x86_64; allow read, write, exit_group'
<-e>: no findings

# shows a flaw by a call, and how to mend it
$ callgate audit -e 'arch x86_64; allow socket(u64(domain) != AF_VSOCK)' 2>/dev/null
high wide-compare: domain of socket has 32 bits, and the filter looks at more
    call    x86_64:socket(AF_VSOCK + 0x100000000, 0, IPPROTO_IP)  ->  allow
    but     x86_64:socket(AF_VSOCK, 0, IPPROTO_IP)  ->  errno EPERM
    why     the kernel ignores those bits; who sets one makes the same call and gets it allowed
    mend    compare the low 32 bits of domain alone, as the language does where no cast widens it

<-e>: 1 finding
[1]

# mends a rule that another call slips past
$ callgate audit -e 'arch x86_64; kill execve; allow execveat' | grep mend
    mend    kill execveat

# --level leaves out what is less
$ callgate audit --level medium -e 'arch x86_64; allow faccessat, syslog'
<-e>: no findings

# --level tells of what is worth knowing too
$ callgate audit --level note -e 'arch x86_64; allow clone3' | head -n 1
note dangerous: clone3 is allowed

# a level is one of four
$ callgate audit --level worst -e 'allow read'
callgate audit: no such level: 'worst'; want note, low, medium or high
Try ...
[2]

# audits a raw filter
$ printf '\40\0\0\0\0\0\0\0\25\0\0\1\1\0\0\0\6\0\0\0\0\0\377\177\6\0\0\0\1\0\5\0' >a.bpf
> callgate audit --abi x86_64 a.bpf >/dev/null; echo $?
1

# says the same of a policy as of its filter
$ callgate compile -e 'arch x86_64; allow ptrace' -o a.bpf; callgate audit a.bpf | grep -v a.bpf >a
> callgate audit -e 'arch x86_64; allow ptrace' | grep -v '<-e>' >b; cmp a b

# says what is wrong with a policy
$ callgate audit -e 'allow opnat'
<-e>:1:7: error: ...
...
[3]

# --json holds the findings
$ callgate audit --json -e 'arch x86_64; allow bpf' | python3 -c 'import json, sys
> for f in json.load(sys.stdin)["findings"]: print(f["risk"], f["code"], f["evidence"]["call"])'
high dangerous x86_64:bpf(BPF_MAP_CREATE, NULL, 0)

# --json of a policy with errors has none
$ callgate audit --json -e 'allow opnat' | python3 -c 'import json, sys
> print(sorted(json.load(sys.stdin)))'
['diagnostics', 'file']

# --sarif is a run with results, each of a rule
$ callgate audit --sarif -e 'arch x86_64; allow bpf, ioctl' | python3 -c 'import json, sys
> document = json.load(sys.stdin)
> run = document["runs"][0]
> rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
> print(document["version"], run["invocations"][0]["executionSuccessful"])
> print([result["level"] for result in run["results"]],
>       all(result["ruleId"] in rules for result in run["results"]))'
2.1.0 True
['error', 'warning', 'warning'] True

# --sarif names files as references
$ printf 'arch x86_64\nallow bpf\n' >'my policy.gate'
> callgate audit --sarif 'my policy.gate' | grep -o '"uri.*'
"uri": "my%20policy.gate"

# --sarif says when there was no filter
$ callgate audit --sarif -e 'allow opnat' 2>err | grep -A1 executionS; sed -n /without/p err
...executionSuccessful": false
...
