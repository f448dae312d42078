# callgate asm

# makes of what show prints the same filter
$ callgate compile -e 'allow read, socket(domain == AF_UNIX); log openat' -o a.bpf
> callgate show a.bpf >a.s; callgate asm a.s -o b.bpf; cmp a.bpf b.bpf

# … also for machines of the other byte order
$ callgate compile -e 'arch s390x; allow read, socket(domain == AF_UNIX)' -o a.bpf
> callgate show a.bpf | tee a.s | head -2; callgate asm a.s -o b.bpf; cmp a.bpf b.bpf
.big-endian
l0:    ld   [4]                         ; arch

# says what is no more of a line
$ printf '.big-endian ld\nret allow' | callgate asm - -o a.bpf
-:1:13: error: expected the end of the line, found 'ld' [unexpected-word]
...
[3]

# takes names for numbers
$ printf '%s\n' 'ld [4]' 'jne #x86_64, bad' 'ld [0]' 'jeq #x86_64:openat, ok' \
>     'bad: ret kill' 'ok: ret errno EPERM' | callgate asm - | callgate show -
l0:    ld   [4]                         ; arch
l1:    jeq  #0xc000003e, l2, l4         ; x86_64, x32
l2:    ld   [0]                         ; nr
l3:    jeq  #0x101, l5, l4              ; openat
l4:    ret  #0x80000000                 ; kill
l5:    ret  #0x50001                    ; errno EPERM

# says what is wrong and where, and writes nothing
$ printf 'jeqq #1, a\nja en\nend: ret alow\n' >a.s; callgate asm a.s -o a.bpf; echo $?; ls
a.s:1:1: error: there is no instruction 'jeqq' [unknown-instruction]
...
      | hint: did you mean 'jeq'?
a.s:2:4: error: no line has this label [unknown-label]
...
      | hint: did you mean 'end'?
a.s:3:10: error: expected 'a', a number as #0x7fff0000, or a verdict as 'allow', found 'alow' [unexpected-word]
...
      | hint: did you mean 'allow'?
3
a.s

# --json holds the program
$ echo ret allow | callgate asm --json - | python3 -c 'import json, sys
> print(json.load(sys.stdin)["program"])'
[[6, 0, 0, 2147418112]]

# wants a file
$ callgate asm
callgate asm: no policy is given; want FILE
Try ...
[2]

# tells of a file that is not there
$ callgate asm no-such-file -o b
no-such-file: error: ...
[3]

# tells of an output that cannot be written
$ echo ret allow | callgate asm - -o no/such
callgate: cannot write no/such: No such file or directory
[4]
