# callgate record

# needs something to record
$ callgate record
callgate record: what is to be recorded? A program, or one of --pid, --cgroup, --unit and --user
[2]

# takes a program or a target
$ callgate record --pid 1 -- true
callgate record: either a program or a target, not both
[2]

# takes one target
$ callgate record --pid 1 --user root
callgate record: want one of --pid, --cgroup, --unit and --user, not two
Try ...
[2]

# knows its back ends
$ callgate record --backend perf -- true
callgate record: want --backend ebpf or notify, not 'perf'
Try ...
[2]

# passes the status on, and says what it saw
$ callgate record --backend notify -o app.gate -- sh -c 'echo hello; exit 7'; echo $?
hello
callgate record: ... calls, ... different, by seccomp notification
7
$ ls
app.cgrec
app.gate

# dies of a signal as a shell says it
$ callgate record --backend notify -o app.gate -- sh -c 'kill -9 $$'
callgate record: ... calls, ... different, by seccomp notification
[137]

# tells of a program that there is not
$ callgate record -o app.gate -- ./nothing
callgate record: there is no program ./nothing
[127]
$ callgate record --backend notify -o app.gate -- nothing
callgate record: there is no program nothing
  hint: it was looked up in PATH
[127]

# tells of a program that is none
$ callgate record -- /
callgate record: / cannot be executed: Permission denied
[126]

# a folder for a program is no program by notification either
$ callgate record --backend notify -- /
callgate record: / cannot be executed: Permission denied
[126]

# a process that there is not
$ callgate record --backend ebpf --pid 999999999
callgate record: ...
...
[3]

# a cgroup that there is not
$ callgate record --cgroup /nowhere
callgate record: ...cgroup...
[3]

# notification cannot follow what runs
$ callgate record --backend notify --pid $$
callgate record: what runs already cannot be recorded by notification
  hint: record it by eBPF, or have it started: -- CMD...
[4]

# a policy goes to standard output, with the conditions that are wanted
$ callgate record --backend notify --args none --no-counts -- true 2>/dev/null | grep allow.*mmap
allow   mmap

# two recordings of one program are one policy
$ callgate record --backend notify --no-counts -o a.gate -- sh -c 'ls / >/dev/null' 2>/dev/null
> callgate record --backend notify --no-counts -o b.gate -- sh -c 'ls / >/dev/null' 2>/dev/null
> cmp a.gate b.gate

# a recording alone
$ callgate record --backend notify -o app.cgrec -- true 2>/dev/null; ls; head -1 app.cgrec
app.cgrec
callgate-recording 1

# ends when the time is over, and has the program end
$ callgate record --backend notify --duration 1 -o app.gate -- sleep 60
callgate record: ... calls, ... different, by seccomp notification
[143]

# ends when there is nothing new
$ callgate record --backend notify --until-idle 1 -o app.gate -- sleep 60
callgate record: ... calls, ... different, by seccomp notification
[143]

# says before it begins what could not be written
$ callgate record --backend notify -o no/where.gate -- true
callgate record: cannot write no/where.gate: No such file or directory
[4]

# says before it begins that a default is none
$ callgate record --backend notify --default nonsense -- true
default:1:9: error: expected an action, found 'nonsense' [syntax]
    1 | default nonsense
      |         ^~~~~~~~
      | hint: ...
[2]

# keeps the old file and saves the recording elsewhere when a file cannot be written
$ mkdir tmp full; echo old >full/app.gate
> TMPDIR=$PWD/tmp callgate record --backend notify -o full/app.gate -- sh -c '
>     until mkdir full/app.cgrec 2>/dev/null; do rm -f full/app.cgrec; done'
callgate record: ... calls, ... different, by seccomp notification
callgate record: ...: full/app.cgrec
callgate record: the recording was kept in: ...cgrec
[4]
