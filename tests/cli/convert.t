# callgate convert

# writes JSON by the name of the output
$ callgate convert -e 'badarch kill-thread; allow read' p.json; python3 -c 'import json
> p = json.load(open("p.json")); print(p["defaultAction"], p["syscalls"])'
SCMP_ACT_ERRNO [{'names': ['read'], 'action': 'SCMP_ACT_ALLOW'}]

# writes YAML by the name of the output
$ callgate convert -e 'badarch kill-thread; allow read' --name fence p.yaml; cat p.yaml
apiVersion: security-profiles-operator.x-k8s.io/v1
kind: SeccompProfile
metadata:
  name: "fence"
spec:
  defaultAction: SCMP_ACT_ERRNO
  architectures:
  - ...
  syscalls:
  - action: SCMP_ACT_ALLOW
    names:
    - read

# one profile becomes the other
$ echo '{"defaultAction": "SCMP_ACT_LOG"}' | callgate convert - --to spo | tail -4 | head -2
spec:
  defaultAction: SCMP_ACT_LOG

# wants to know the format
$ callgate convert -e 'allow read'
callgate convert: say into which format (--to oci, --to spo)
[2]

# refuses what the format cannot say
$ callgate convert -e 'badarch kill-thread; trap 5 read' --to oci
<-e>: error: 'read' gets 'trap 5', which has no name in a profile [verdict]
[1]

# warns of what runtimes weaken
$ callgate convert -e 'default log' --to oci | grep -c LOG
<-e>: warning: calls of another ABI kill the process; the runtimes kill the thread alone [badarch]
      | hint: 'badarch kill-thread' says that
1

# a profile's base is looked for beside it, and where --base says
$ mkdir d; printf '%s\n' 'kind: SeccompProfile' 'metadata: {name: runc}' 'spec:' \
>     '  defaultAction: SCMP_ACT_LOG' '  syscalls:' \
>     '  - {names: [read], action: SCMP_ACT_ALLOW}' >all.yaml
> printf '%s\n' 'kind: SeccompProfile' 'spec:' '  defaultAction: SCMP_ACT_ERRNO' \
>     '  baseProfileName: runc' >d/web.yaml
> callgate check d/web.yaml; callgate convert --base all.yaml d/web.yaml --to oci | grep read
> cp all.yaml d/runc.yaml; callgate test d/web.yaml read write
d/web.yaml:4:20: error: this profile adds to 'runc', which is not at hand [base-profile]
    4 |   baseProfileName: runc
      |                    ^~~~
      | hint: put it beside this one as runc.yaml, or say which file it is in (--base FILE)
				"read"
read: allow, ...
  d/runc.yaml:6: SCMP_ACT_ALLOW
write: errno EPERM, ...
  (said nowhere: the language's default)
[1]

# a file that is called a profile is read as one
$ : >p.json; callgate check p.json
p.json:1:1: error: not JSON: ...
...
[3]

# a profile stands where a policy may
$ echo '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"],
> "action": "SCMP_ACT_ALLOW"}]}' >p.json; callgate check p.json
p.json: ok: 1 rule, 1 ABI, ... instructions, proven

# its errors have places
$ echo '{"defaultAction": "SCMP_ACT_ALOW"}' | callgate check -
-:1:19: error: 'SCMP_ACT_ALOW' is no action [unknown-name]
    1 | {"defaultAction": "SCMP_ACT_ALOW"}
      |                   ^~~~~~~~~~~~~~~
      | hint: did you mean 'SCMP_ACT_ALLOW'?
[3]

# --strict makes errors of doubts
$ echo '{"defaultAction": "SCMP_ACT_ALLOW", "x": 1}' | callgate check --strict - 2>&1 | head -1
-:1:37: error: there is no field 'x' here: the runtimes pass over it [unknown-field]

# --cap and --kernel choose the rules of a template
$ echo '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action":
> "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_BPF"], "minKernel": "5.10"}}]}' >p.json
> for o in "" "--cap CAP_BPF" "--cap CAP_BPF --kernel 5.9"; do callgate check $o p.json; done
p.json: ok: 0 rules, 1 ABI, ... instructions, proven
p.json: ok: 1 rule, 1 ABI, ... instructions, proven
p.json: ok: 0 rules, 1 ABI, ... instructions, proven

# a list as Kubernetes gives it; --profile takes one of it
$ printf '%s\n' 'apiVersion: v1' 'items:' '- kind: SeccompProfile' '  metadata: {name: a}' \
>     '  spec: {defaultAction: SCMP_ACT_LOG}' '- kind: SeccompProfile' '  metadata: {name: b}' \
>     '  spec: {baseProfileName: a, defaultAction: SCMP_ACT_LOG}' 'kind: List' >l.yaml
$ callgate check l.yaml 2>&1 | head -1; callgate check --profile b l.yaml
l.yaml:3:3: error: there are several profiles here: a, b [several-profiles]
l.yaml: ok: 0 rules, 1 ABI, ... instructions, proven

# --profile takes one of several
$ printf 'kind: SeccompProfile\nmetadata: {name: a}\nspec: {defaultAction: SCMP_ACT_LOG}\n---\n' >p.yaml
> sed 's/name: a/name: b/' p.yaml >>p.yaml.2; cat p.yaml.2 >>p.yaml
> callgate check p.yaml 2>&1 | head -1; callgate check --profile b p.yaml
p.yaml:1:1: error: there are several profiles here: a, b [several-profiles]
p.yaml: ok: 0 rules, 1 ABI, ... instructions, proven
