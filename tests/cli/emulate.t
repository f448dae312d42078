# callgate emulate

# shows each step with what it does
$ printf '\40\0\0\0\4\0\0\0\25\0\0\1\76\0\0\300\6\0\0\0\0\0\377\177\6\0\0\0\0\0\0\200' >a.bpf
> callgate emulate a.bpf x86_64:read
x86_64:read(0, NULL, 0): allow after 3 instructions (cached: Linux 5.11 and later runs none)
  l0:    ld   [4]                  A = 0xc000003e  ; arch
  l1:    jeq  #0xc000003e, l2, l3  yes, to l2      ; x86_64, x32
  l2:    ret  #0x7fff0000          allow

# shows what X and memory take
$ printf '%s\n' 'ldx #5' 'stx M[3]' 'ld [0]' 'add x' 'st M[1]' 'tax' 'jgt x, a' 'ja b' \
>     'a: ret kill' 'b: ldx M[3]' 'txa' 'ret a' | callgate asm - >a.bpf
> callgate emulate a.bpf x86_64:write
x86_64:write(0, NULL, 0): 0x00000005 after 11 instructions
  l0:    ldx  #0x5       X = 0x5
  l1:    stx  M[3]       M[3] = 0x5
  l2:    ld   [0]        A = 0x1  ; nr
  l3:    add  x          A = 0x6
  l4:    st   M[1]       M[1] = 0x6
  l5:    tax             X = 0x6
  l6:    jgt  x, l8, l7  no, to l7
  l7:    ja   l9         to l9
  l9:    ldx  M[3]       X = 0x5
  l10:   txa             A = 0x5
  l11:   ret  a          0x00000005

# shows both paths where arguments matter that are not said
$ callgate emulate -e 'arch x86_64; allow socket(domain == AF_UNIX)' socket | grep -v ' l[0-9]'
depends on what is not said; with 0 for that, and with other values:
x86_64:socket(AF_UNSPEC, 0, IPPROTO_IP): errno EPERM after ... instructions
x86_64:socket(AF_UNIX, 0, IPPROTO_IP): allow after ... instructions

# --json holds the registers before each step
$ printf '%s\n' 'ld #7' 'st M[2]' 'ret allow' | callgate asm - >a.bpf
> callgate emulate --json a.bpf x86_64:read | python3 -c 'import json, sys
> path = json.load(sys.stdin)["paths"][0]
> print(path["call"], path["verdict"], path["executed"], path["cached"])
> for step in path["steps"]: print(step["at"], step["a"], step["m"], step["effect"])'
x86_64:read(0, NULL, 0) allow 3 False
0 0 {} A = 0x7
1 7 {} M[2] = 0x7
2 7 {'2': 7} allow

# tells of a call that is none
$ callgate emulate -e 'allow read' opne
call:1:1: error: ...
...
[3]

# wants a call
$ callgate emulate -e 'allow read'
callgate emulate: too few arguments; want FILE CALL...
Try ...
[2]

# goes through filters of other machines
$ callgate compile -e 'arch s390x; allow write(fd == 1)' -o a.bpf
> callgate emulate a.bpf 's390x:write(1)' | grep 'args\|^s390x'
s390x:write(1, NULL, 0): allow after 7 instructions
  l4:    ld   [20]                 A = 0x1         ; args[0] low
