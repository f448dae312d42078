#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples/gcc.gate: programs are compiled, optimised at link time, put into libraries and
# run; a build that reaches out is refused.
source "$(dirname "$0")/lib.sh"
need gcc make ar
is_clean gcc
cd "$scratch"

cat >part.c <<-'END'
	#include <math.h>
	double part(double x) { return sqrt(x); }
END
cat >main.c <<-'END'
	#include <stdio.h>
	double part(double);
	int main(void) { printf("%g\n", part(2.25)); return 0; }
END
printf '%s\n' 'CFLAGS = -O2 -g -Wall' \
	'program: main.o libpart.a; $(CC) -o $@ main.o -L. -lpart -lm' \
	'libpart.a: part.o; $(AR) rcs $@ $^' >Makefile

is 'compiles with make, in parallel' 1.5 "$(under gcc make -s -j3 2>&1 && ./program)"
is 'optimises at link time' 1.5 "$(under gcc gcc -O3 -flto=2 main.c part.c -lm -o lto 2>&1 &&
	./lto)"
is 'makes a shared library, by pipes' 1.5 "$(under gcc gcc -pipe -shared -fPIC part.c -lm \
	-o libshared.so 2>&1 && under gcc gcc main.c -L. -lshared -o shared 2>&1 &&
	LD_LIBRARY_PATH=. ./shared)"
is 'tells of an error' wrong.c:9 "$(printf '\n\n\n\n\n\n\n\nint x = y;\n' >wrong.c
	under gcc gcc -c wrong.c 2>&1 | grep -o '^wrong.c:9' | head -1)"
is 'the result is no set-user-ID program' 'chmod: Operation not permitted' "$(
	printf 'all:\n\tchmod 4755 program\n' >evil.mk
	under gcc make -s -f evil.mk 2>&1 | sed -n 's/chmod: .*: /chmod: /p')"
is 'a build has no network' 1 "$(
	printf 'all:\n\tbash -c ": <>/dev/tcp/127.0.0.1/1"\n' >evil.mk
	under gcc make -s -f evil.mk 2>&1 | grep -c 'socket: Address family not supported')"

refuses gcc EAFNOSUPPORT socket 2 1 0
refuses gcc EPERM openat -100 "$scratch/s" 0x41 04755
refuses gcc EPERM fchmodat -100 "$scratch/program" 02755
refuses gcc EPERM mknodat -100 "$scratch/dev" 060600 0x100
refuses gcc EPERM clone 0x10000011
refuses gcc ENOSYS clone3
refuses gcc EPERM mmap 0 4096 7 0x22 -1 0
dies gcc ptrace
dies gcc mount a b c 0 0
done_testing
