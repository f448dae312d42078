# callgate watch

# knows its events
$ callgate watch --events seccomp,denyed
callgate watch: there is no event 'denyed'; see 'callgate events'
Try ...
[2]

# points at what is wrong in an expression
$ callgate watch --where 'retval < 0 && args.operation == SECCOMP_SET_MODE_FLITER'
callgate watch: --where: there is no field or constant 'SECCOMP_SET_MODE_FLITER'; did you mean 'SECCOMP_SET_MODE_FILTER'?
  retval < 0 && args.operation == SECCOMP_SET_MODE_FLITER
                                  ^~~~~~~~~~~~~~~~~~~~~~~
[2]

# wants a whole expression
$ callgate watch --where '(pid == 1'; callgate watch --where 'pid ==' ; callgate watch --where 'pid 1'
> callgate watch --where 'comm == "a'; callgate watch --where ''; callgate watch --where 'retvl'
callgate watch: --where: want ')' here
  (pid == 1
           ^
callgate watch: --where: want a field or a value here
  pid ==
        ^
callgate watch: --where: want an operator here
  pid 1
      ^
callgate watch: --where: this text has no end; want "
  comm == "a
          ^~
callgate watch: --where: want a field or a value here
...
  ^
callgate watch: --where: there is no field or constant 'retvl'; did you mean 'retval'?
  retvl
  ^~~~~
[2]

# does not nest for ever
$ callgate watch --where "$(printf '%0200d' 0 | tr 0 '(')" 2>&1 | head -1
callgate watch: --where: this is nested too deep

# wants numbers where there are some, and hooks and cgroups that exist
$ callgate watch --pid x; callgate watch --hook none; callgate watch --cgroup /nowhere
callgate watch: want a number, not 'x'
Try ...
callgate watch: want kprobe, fentry, tracepoint or audit, not 'none'
Try ...
callgate watch: there is no cgroup '/nowhere'
Try ...
[2]

# cannot write everywhere
$ callgate watch -o /nowhere/file
callgate watch: cannot open /nowhere/file: No such file or directory
[4]

# takes no argument
$ callgate watch x
callgate watch: too many arguments: 'x'
Try ...
[2]

# says what it needs without privilege {needs setpriv}
$ [ $(id -u) = 0 ] || exec callgate watch
> setpriv --bounding-set=-all --inh-caps=-all callgate watch
callgate watch: cannot watch by eBPF: eBPF needs CAP_BPF and CAP_PERFMON
      | hint: be root, or: setcap cap_bpf,cap_perfmon+ep on the command
callgate watch: cannot read audit records: it takes CAP_AUDIT_READ
      | what works even so: 'callgate ps' shows the state of processes, and
      | 'callgate events' describes what would be seen here
[4]

# ... and what works even so {needs setpriv}
$ [ $(id -u) = 0 ] || exec callgate watch --events prctl
> setpriv --bounding-set=-all --inh-caps=-all callgate watch --events prctl
callgate watch: cannot watch by eBPF: eBPF needs CAP_BPF and CAP_PERFMON
      | hint: be root, or: setcap cap_bpf,cap_perfmon+ep on the command
      | what works even so: '--hook audit' shows denials that the kernel logs
[4]
