# callgate replay

# says when nothing would be denied
$ . $TOP/tests/cli/recordings.sh
> callgate replay a.cgrec -e 'arch x86_64; allow read, socket, exit_group'
<-e> allows all that was recorded, 3 kinds of calls

# a recording's own policy denies nothing of it
$ . $TOP/tests/cli/recordings.sh
> for args in none safe tight; do
>     callgate merge a.cgrec b.cgrec -o ab.gate --args $args
>     callgate replay a.cgrec b.cgrec ab.gate
> done
ab.gate allows all that was recorded, 4 kinds of calls
ab.gate allows all that was recorded, 4 kinds of calls
ab.gate allows all that was recorded, 4 kinds of calls

# tells what would be denied, how often and by what
$ . $TOP/tests/cli/recordings.sh
> cat >x.gate <<END
> arch x86_64
> default errno EACCES
> allow socket(domain == AF_UNIX)
> kill exit_group
> END
> callgate replay a.cgrec b.cgrec x.gate
denied       calls  call                    verdict        by
all           1204  read                    errno EACCES   x.gate:2
some             3  socket                  errno EACCES   x.gate:2
                    such as x86_64:socket(AF_INET, SOCK_STREAM, IPPROTO_IP)
all              1  exit_group              kill           x.gate:4
[1]

# tells what is denied for sure from what may be
$ . $TOP/tests/cli/recordings.sh
> cat >x.gate <<END
> arch x86_64
> allow read, exit_group
> allow socket(domain == AF_UNIX, type & SOCK_TYPE_MASK == SOCK_STREAM)
> allow socket(domain == AF_INET, type & SOCK_TYPE_MASK == SOCK_DGRAM)
> END
> callgate replay a.cgrec b.cgrec x.gate; callgate replay --certain a.cgrec b.cgrec x.gate
denied       calls  call                    verdict        by
perhaps          3  socket                  errno EPERM    the default
                    such as x86_64:socket(AF_UNIX, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP)
x.gate allows all that was recorded, 4 kinds of calls

# calls that were refused already do not count
$ . $TOP/tests/cli/recordings.sh
> callgate replay b.cgrec -e 'arch x86_64; allow read, socket'
<-e> allows all that was recorded, 3 kinds of calls

# takes a filter
$ . $TOP/tests/cli/recordings.sh
> callgate compile -e 'arch x86_64; allow read, socket' -o x.bpf; callgate replay x.bpf a.cgrec
denied       calls  call                    verdict        by
all              1  exit_group              errno EPERM
[1]

# prints JSON
$ . $TOP/tests/cli/recordings.sh
> echo 'arch x86_64; allow read, socket; kill exit_group' >x.gate
> callgate replay x.gate a.cgrec --json
{
  "file": "x.gate",
  "diagnostics": [],
  "recorded": 3,
  "spoiled": false,
  "denials": [
    {
      "abi": "x86_64",
      "call": "exit_group",
      "number": 231,
      "count": 1,
      "denied": "all",
      "example": "x86_64:exit_group(0)",
      "verdict": "kill",
      "file": "x.gate",
      "line": 1,
      "statement": "arch x86_64; allow read, socket; kill exit_group"
    }
  ]
}
[1]

# says what is missing, and what is too much
$ . $TOP/tests/cli/recordings.sh
> callgate replay a.cgrec
callgate replay: no policy is given; want RECORDING... POLICY
[2]
$ callgate replay -e 'allow read'
callgate replay: no recording is given; want RECORDING... POLICY
[2]
$ . $TOP/tests/cli/recordings.sh
> callgate replay a.cgrec -e 'allow read' -e 'allow write'
callgate replay: two policies: '<-e>' and '<-e>'
[2]

# says when calls may be missing
$ . $TOP/tests/cli/recordings.sh
> head -c 204 a.cgrec >cut.cgrec
> callgate replay --salvage cut.cgrec -e 'arch x86_64; allow read, socket'
cut.cgrec:9:...: warning: the end of the recording is missing: calls behind this are lost [truncated-recording]
...
callgate replay: the recording is not whole: calls may be missing
<-e> allows all that was recorded, 2 kinds of calls
