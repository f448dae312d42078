# SPDX-License-Identifier: MIT
# Two recordings, for tests: a.cgrec and b.cgrec.

cat >a.text <<END
callgate-recording 1
kernel 6.1
run 0a000000000000000000000000000000 6.1 one
call x86_64 0 read done 5 sh 1:1200
call x86_64 41 socket done 8 sh 1:1
arg 0 set 0x1
arg 1 set 0x1
arg 2 set 0
call x86_64 231 exit_group done 9 sh 1:1
END
cat >b.text <<END
callgate-recording 1
kernel 6.18
run 0b000000000000000000000000000000 6.18 two%20words
call x86_64 0 read done 6 sh 1:4
call x86_64 41 socket done 7 sh 1:2
arg 0 set 0x1 0x2
arg 1 set 0x80002
arg 2 set 0
call x86_64 101 ptrace refused 9 gdb 1:1
END

# sum FILE: adds the line at the end.
sum() {
	python3 - "$1" <<'PY'
import sys
text = open(sys.argv[1]).read()
hash = 0xcbf29ce484222325
for byte in text.encode():
    hash = (hash ^ byte) * 0x100000001b3 % 2**64
print(text, end="")
print(f"end {text.count(chr(10))} {hash:016x}")
PY
}

sum a.text >a.cgrec
sum b.text >b.cgrec
