# callgate dump

# wants a process's id
$ callgate dump nobody
callgate dump: want a process's id, not 'nobody'
[2]

# an id is a number from 1 on
$ callgate dump 0; callgate dump 4294967296; callgate dump "$(printf 'a\033[2J')"
callgate dump: want a process's id, not '0'
callgate dump: want a process's id, not '4294967296'
callgate dump: want a process's id, not 'a?[2J'
[2]

# a process may not be there
$ callgate dump 2147483647
2147483647: error: there is no process 2147483647, or it ended [no-process]
      | hint: a process id is that of a moment; is it one of this PID namespace?
[4]

# and JSON says so as well
$ callgate dump --json 2147483647
{
  "pid": 2147483647,
  "diagnostics": [
    {
...
      "code": "no-process",
...
[4]

# a layer is a number from 1 on
$ callgate dump --layer 0 1
callgate dump: want a layer's number from 1 on, not '0'
Try ...
[2]

# there are two ways
$ callgate dump --by magic 1
callgate dump: want ptrace or ebpf, not 'magic'
Try ...
[2]

# one process at a time
$ callgate dump 1 2
callgate dump: too many arguments: '2'
Try ...
[2]
