# callgate run

# passes the status on
$ callgate run -e 'default allow' -- sh -c 'exit 7'
[7]

# the shell sees the errno of the policy
$ callgate run -e 'default allow; errno EACCES mkdir, mkdirat' -- sh -c 'mkdir x'
mkdir: cannot create directory 'x': Permission denied
[1]

# a rule for calls that nobody makes changes nothing
$ callgate run -e 'default allow; kill @swap' -- true

# dies of the signal that the program died of
$ callgate run -e 'default allow' -- sh -c 'kill -9 $$'; echo $?
Killed
137

# options end at the program
$ callgate run -e 'default allow' echo --print -e
--print -e

# every layer counts, the strictest answer wins
$ echo 'default allow
> errno EACCES mkdir, mkdirat' >a.gate
> callgate run -p a.gate -e 'default allow; errno EROFS mkdir, mkdirat; errno EPERM chdir' -- \
>     sh -c 'mkdir x; cd /'
mkdir: cannot create directory 'x': ...
sh: ...
[2]

# takes a raw filter
$ callgate compile -e 'default allow; errno EACCES mkdir, mkdirat' -o a.bpf
> callgate run -p a.bpf -- mkdir x
mkdir: cannot create directory 'x': Permission denied
[1]

# starts a program although the policy forbids starting, which then forbids it
$ callgate run -e 'default allow; errno EACCES execve, execveat' -- sh -c 'ls'
sh: 1: ls: Permission denied
[126]

# --log-only denies nothing
$ callgate run --log-only -e 'default allow; errno EACCES mkdir, mkdirat' -- mkdir x; ls
x

# --log-only does not take a filter made elsewhere
$ callgate compile -e 'default allow' -o a.bpf; callgate run --log-only -p a.bpf true
callgate run: a.bpf is a filter; --log-only takes policies
[2]

# --print shows what is loaded
$ callgate run --print -e 'default allow' -- echo started
<-e>:
l0: ...
...
started

# runs nothing when one of the layers is bad
$ callgate run -e 'default allow' -e 'allow opnat' -- echo started
<-e>:1:7: error: ...
...
[3]

# runs nothing when an expect line does not hold
$ callgate run -e 'default allow; expect deny read' -- echo started
<-e>:1:...: error: ... [expect-failed]
...
[1]

# says that there is no such program, and has loaded nothing
$ callgate run -e 'default allow' -- no-such-program
callgate run: error: there is no program no-such-program [program]
      | hint: it was looked up in PATH
[4]

# says that a file is no program
$ : >a; callgate run -e 'default allow' -- ./a
callgate run: error: ./a cannot be executed: Permission denied [program]
[4]

# says what is missing without privilege and no_new_privs {needs setpriv}
$ cp "$(command -v callgate)" .
> [ "$(id -u)" != 0 ] || nobody='setpriv --reuid=65534 --clear-groups --inh-caps=-all'
> $nobody ./callgate run --without-no-new-privs -e 'default allow' -- true
callgate run: error: ...
...
[4]

# wants a policy and a program
$ callgate run true; callgate run -e 'default allow'
callgate run: no policy is given; want -- PROGRAM [ARGUMENT...]
Try ...
callgate run: too few arguments; want -- PROGRAM [ARGUMENT...]
Try ...
[2]

# leaves standard input to the program
$ echo hello | callgate run -e 'default allow' -- cat
hello

# takes a policy from standard input
$ echo 'default allow' | callgate run -p - -- echo started
started

# tells of a denial: the call, the rule and where it came from, and passes the verdict on
$ callgate run --explain -e 'default allow; errno EACCES mkdir, mkdirat' -- mkdir x
mkdir[...] mkdir("x", 0777) denied (EACCES)
  by   <-e>:1  default allow; errno EACCES mkdir, mkdirat
  at   ...
...
mkdir: cannot create directory 'x': Permission denied
callgate run: 1 denial at 1 place
       1  <-e>:1  mkdir (EACCES)...
[1]

# tells in a file, and leaves standard error to the program
$ callgate run --explain --explain-output=told -e 'default allow; kill mkdir, mkdirat' -- sh -c 'mkdir x; echo $?'
> sed -n 1p told
Bad system call
159
mkdir[...] mkdir("x", 0777) denied (kill)

# denies nothing with --log-only, and tells
$ callgate run --explain --log-only -e 'default allow; kill mkdir, mkdirat' -- mkdir x; ls
mkdir[...] mkdir("x", 0777) would be denied (kill)
...
callgate run: 1 denial at 1 place
...
x

# tells in JSON
$ callgate run --explain=json -e 'default allow; errno EACCES mkdir' -- mkdir x 2>&1 |
>     grep -o '"event":"[a-z]*"\|this callgate was.*'
"event":"denied"
"event":"summary"

# tells what of the policy was used
$ callgate run --coverage --explain-output=told -e 'default allow; kill swapoff' -- true
> sed -n '1p;/never/p' told
callgate run: what was used
    never used  <-e>:1  default allow; kill swapoff

# passes status and signal on when it explains
$ callgate run --explain -e 'default allow' -- sh -c 'exit 7'; echo $?
> callgate run --explain -e 'default allow' -- sh -c 'kill -9 $$'; echo $?
7
Killed
137

# wants a format that there is
$ callgate run --explain=xml -e 'default allow' -- true
callgate run: want the format text or json, not 'xml'
Try ...
[2]

# --suggest writes the policy that would have done
$ printf 'default allow\nerrno EACCES mkdir, mkdirat\n' >a.gate
> callgate run --explain --suggest b.gate -p a.gate -- mkdir x 2>&1 | grep fix
> cat b.gate; callgate run -p b.gate -- mkdir x && ls -d x
  fix  a.gate:2, insert before:  allow mkdir
default allow
allow mkdir  # mkdir
errno EACCES mkdir, mkdirat
x

# … or a patch, and nothing when nothing is lacking
$ printf 'default allow\nerrno EACCES mkdir, mkdirat\n' >a.gate
> callgate run --suggest b.patch -p a.gate -- mkdir x 2>/dev/null; sed -n 3p b.patch
> callgate run --suggest c.patch -p a.gate -- true
@@ -1,2 +1,3 @@
callgate run: c.patch: not written, nothing is to be changed

# --learn denies nothing, shows what it would change and changes it when told
$ printf 'default allow\nerrno EACCES mkdir, mkdirat\n' >a.gate
> callgate run --learn -p a.gate -- mkdir x 2>&1 </dev/null | tail -n 3; cat a.gate; rmdir x
> callgate run --learn --yes -p a.gate -- mkdir x 2>&1 | tail -n 1; cat a.gate
+allow mkdir  # mkdir
 errno EACCES mkdir, mkdirat
callgate run: not applied: --yes applies without asking
default allow
errno EACCES mkdir, mkdirat
callgate run: a.gate: amended
default allow
allow mkdir  # mkdir
errno EACCES mkdir, mkdirat

# obeys the flags of a profile that can be, and tells of those that cannot
$ echo '{"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG",
> "SECCOMP_FILTER_FLAG_TSYNC"]}' >a.json; callgate run -p a.json -- echo started
started
$ echo '{"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/run/x.sock",
> "flags": ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
> "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}' >a.json
> callgate run -p a.json -- echo started
callgate run: a.json: warning: its flags for a supervisor's listener are left out
callgate run: a.json: warning: no supervisor is there: its calls fail with ENOSYS
started
