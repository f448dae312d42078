# callgate decompile

# says a policy again in other words
$ callgate decompile -e 'arch x86_64; default errno EPERM; allow read, write, socket(domain == AF_UNIX)' | grep -v '^#\|^$\|^abi'
arch    x86_64
default errno EPERM
unknown errno EPERM
badarch kill
allow   socket(domain == AF_UNIX)
allow   read, write

# says what it was made from
$ callgate decompile -e 'allow read' | head -2 | cut -c3-
Decompiled from <-e>: ...
Proven: this text and the filter mean the same.

# names groups where all members have the verdict
$ callgate decompile -e 'arch x86_64; allow @network-io, mmap' | tail -1
allow   @network-io, mmap

# excepts a few members of a group
$ callgate decompile -e 'arch x86_64; kill accept; allow @network-io' | tail -2
kill    accept
allow   @network-io

# says once what ABIs agree on
$ callgate decompile -e 'arch x86_64 aarch64; allow read, x86_64:write, aarch64:close' | tail -10
...
arch x86_64 {
	allow   write
}
...
arch aarch64 {
	allow   close
}
...
allow   read

# fences an ABI that has but one verdict by a range
$ callgate decompile -e 'arch x86_64 x32; allow x86_64:read' | tail -4
...
errno EPERM x32:0x40000000..0xfffffffe
...
allow   read

# tells a filter that forgets the architecture
$ printf '\40\0\0\0\0\0\0\0\25\0\0\1\0\0\0\0\6\0\0\0\0\0\377\177\6\0\0\0\0\0\0\0' >a.bpf
> callgate decompile a.bpf | tail -4
unknown kill-thread
badarch like x86_64
...
allow   read

# reads a filter of another machine, in its byte order
$ callgate compile -e 'arch s390x; allow lseek(whence == SEEK_SET and offset > 1000)' -o a.bpf
> callgate decompile a.bpf | tail -3
badarch kill
...
allow   lseek(offset > 1000 and whence == SEEK_SET)
$ callgate decompile a.bpf -o b.gate; callgate compile b.gate -o b.bpf; cmp a.bpf b.bpf

# keeps the multiplexers of i386 apart from what they carry
$ callgate decompile -e 'arch i386; allow i386:359, i386:socketcall(call == 2)' | grep allow
allow   i386:socketcall
allow   socket
$ callgate decompile -e 'arch i386; allow i386:359, i386:socketcall(call == 2)' | grep 'errno.*:'
errno EPERM i386:socketcall(call != SYS_BIND)

# writes numbers that are no call
$ callgate decompile -e 'arch x86_64; kill x86_64:5000, x86_64:-1; allow read' | tail -5
...
kill    x86_64:5000
kill    x86_64:-1
...
allow   read

# what is written compiles to the same meaning, and is written the same again
$ callgate decompile -e 'arch x86_64 i386; log @mount; allow ioctl(cmd in {TCGETS, FIONREAD})' -o a.gate
> callgate decompile a.gate | tail -n +3 >b; tail -n +3 a.gate | cmp - b

# a group is no word for calls that differ from ABI to ABI
$ callgate decompile -e 'arch x86_64 riscv64 ppc64le; default allow; allow x86_64:read; arch ppc64le { errno ENOSYS read; allow @basic-io }; errno ENOSYS @basic-io' | grep -A1 -B1 'ENOSYS read$'
arch riscv64 ppc64le {
	errno ENOSYS read
}

# says what the language has no words for
$ printf '\40\0\0\0\4\0\0\0\25\0\0\1\1\0\0\0\6\0\0\0\0\0\377\177\6\0\0\0\0\0\0\0' >a.bpf
> callgate decompile a.bpf
a.bpf: error: the filter has verdicts of their own for calls of architecture 0x00000001, which is none that callgate knows [not-sayable]
...
[3]

# --abi looks at some ABIs alone
$ printf '\40\0\0\0\4\0\0\0\25\0\0\1\1\0\0\0\6\0\0\0\0\0\377\177\6\0\0\0\0\0\0\0' >a.bpf
> callgate decompile --abi x86_64 a.bpf | grep -v '^#\|^$\|^abi'
arch    x86_64
default kill-thread
unknown kill-thread
badarch kill

# --json holds the text
$ callgate decompile --json -e 'allow read' | python3 -c 'import json, sys
> print(json.load(sys.stdin)["policy"].count("allow   read"))'
1

# takes one file
$ callgate decompile a b
callgate decompile: too many arguments: 'b'
Try ...
[2]
