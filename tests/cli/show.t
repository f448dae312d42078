# callgate show

# shows a policy's filter
$ callgate show -e 'allow read' | grep -c ret
...

# shows a raw filter of standard input
$ printf '\6\0\0\0\0\0\377\177' | callgate show -
l0:    ret  #0x7fff0000                 ; allow

# shows one in the order of another machine
$ printf '\0\40\0\0\0\0\0\20\0\6\0\0\177\377\0\0' | callgate show -
.big-endian
l0:    ld   [16]                        ; args[0] high
l1:    ret  #0x7fff0000                 ; allow

# tells of architectures whose bytes would be in another order, and believes what is said
$ printf '\40\0\0\0\4\0\0\0\25\0\0\1\26\0\0\200\6\0\0\0\0\0\377\177\6\0\0\0\0\0\0\0' >a.bpf
> callgate show a.bpf >/dev/null; callgate show --endian=big a.bpf | head -1
a.bpf: warning: the bytes are little-endian, but the program asks for architectures that are big-endian [byte-order]
...
.big-endian
$ callgate show --endian=middle a.bpf
callgate show: want 'big' or 'little', not 'middle'
Try ...
[2]

# shows the same for a policy as for its filter
$ callgate compile -e 'allow read' -o a.bpf; callgate show a.bpf >a
> callgate show -e 'allow read' >b; cmp a b

# shows nothing of a policy with errors
$ callgate show -e 'allow opnat'
<-e>:1:7: error: ...
...
[3]

# --json holds the instructions
$ printf '\6\0\0\0\0\0\377\177' | callgate show --json - | python3 -c 'import json, sys
> print(json.load(sys.stdin)["instructions"])'
[{'code': 6, 'jt': 0, 'jf': 0, 'k': 2147418112}]

# --pseudo shows nested conditions
$ callgate show --pseudo -e 'arch x86_64; default kill; allow read, write; allow socket(domain == AF_UNIX)'
if (arch != x86_64)
	return kill;
if (nr in {read, write})
	return allow;
if (nr == socket) {
	if (domain == AF_UNIX)
		return allow;
	return kill;
}
return kill;

# takes one file
$ callgate show a b
callgate show: too many arguments: 'b'
Try ...
[2]
