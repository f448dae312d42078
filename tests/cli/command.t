# callgate itself

# without a command shows what to type
$ callgate
Usage: callgate [OPTION...] COMMAND [ARGUMENT...]
Try ...
[2]

# --help lists every command
$ callgate --help | grep -E '^  [a-z]+ ' | awk '{ print $1 }'
check
compile
test
record
merge
replay
run
explain
watch
events
ps
top
dump
show
asm
emulate
graph
audit
decompile
diff
flatten
report
convert
syscall
features

# help without a command is the same
$ callgate --help >a; callgate help >b; cmp a b

# help of a command is that of its --help
$ callgate run --help >a; callgate help run >b; cmp a b

# says what it was built with
$ callgate --version
callgate 0...
knows the system calls of Linux up to ... ABIs
built with glibc ... runs with glibc ...
with... JSON...
with... profiles in JSON...
with... profiles in YAML...
with... stacks...
with... eBPF...
with... screens...
with... the journal...

# offers the command that was meant
$ callgate chekc
callgate: no such command: 'chekc'; did you mean 'check'?
Try ...
[2]

# offers the command that was meant for its help too
$ callgate help copmile
callgate: no such command: 'copmile'; did you mean 'compile'?
Try ...
[2]

# refuses an option that there is not
$ callgate check --nonsense
callgate check: unrecognized option '--nonsense'
Try ...
[2]

# refuses an ABI that there is not
$ callgate check --abi pdp11 -e 'allow read'
callgate check: no such ABI: 'pdp11'; see 'callgate syscall --abis'
Try ...
[2]

# reports a full disk
$ callgate syscall >/dev/full
callgate: cannot write the output: No space left on device
[4]

# reports a full disk for help too
$ callgate --help >/dev/full
callgate: cannot write the output: No space left on device
[4]

# reports a closed output
$ callgate syscall >&-
callgate: cannot write the output: Bad file descriptor
[4]

# ends without a word when nobody reads on
$ python3 -c 'import os, subprocess, sys
> read, write = os.pipe()
> os.close(read)
> sys.exit(subprocess.call(["callgate", "syscall"], stdout=write))'
[4]

# uses no colour in a pipe
$ echo 'allow opnat' | callgate check - 2>&1 | cat -v
-:1:7: error: ...
...

# uses colour on a terminal {needs script}
$ script -qec "callgate check -e 'allow opnat'" /dev/null | cat -v
^[[1m<-e>:1:7:^[[0m ^[[1;31merror:^[[0m there is no call 'opnat' [unknown-syscall]^M
    1 | allow opnat^M
      |       ^[[1;31m^~~~~^[[0m^M
...

# uses no colour on a terminal with NO_COLOR {needs script}
$ NO_COLOR=1 script -qec "callgate check -e 'allow opnat'" /dev/null | cat -v
<-e>:1:7: error: there is no call ...
...

# uses no colour on a dumb terminal {needs script}
$ TERM=dumb script -qec "callgate check -e 'allow read'" /dev/null | cat -v
<-e>: ok: ...
