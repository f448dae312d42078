# callgate flatten

# makes none of filters for different machines
$ callgate flatten -e 'arch s390x' -e 'arch x86_64' -o a.bpf
<-e>: error: there are filters for big-endian and for little-endian machines; no machine loads both [byte-order]
[3]

# makes one filter of several
$ callgate flatten -e 'arch x86_64; default allow; errno EPERM read' -e 'arch x86_64; default allow; kill write' -o a.bpf
> callgate diff a.bpf -e 'arch x86_64; default allow; errno EPERM read; kill write'
a.bpf and <-e> are equal

# the strictest verdict counts, of equals the newest filter's
$ callgate flatten -e 'default errno EPERM; badarch errno EPERM' -e 'default errno EACCES; badarch errno EACCES' | callgate show - | tail -1
l0:    ret  #0x5000d                    ; errno EACCES
$ callgate flatten -e 'default kill; badarch kill' -e 'default errno EACCES; badarch errno EACCES' | callgate show - | tail -1
l0:    ret  #0x80000000                 ; kill

# a stack of one is that one
$ callgate flatten -e 'allow read' -o a.bpf; callgate diff a.bpf -e 'allow read'
a.bpf and <-e> are equal

# wants at least one
$ callgate flatten
callgate flatten: no policy is given; want FILE...
Try ...
[2]
