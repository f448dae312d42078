#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples/tar.gate: archives are made, listed, compared and unpacked, with compressors;
# what a hostile archive would plant is not planted.
source "$(dirname "$0")/lib.sh"
need tar gzip
is_clean tar
cd "$scratch"

mkdir -p from/folder
echo 'some text' >from/folder/file
head -c 2000000 /dev/zero >from/zeroes
ln -s folder/file from/link
ln from/folder/file from/second
mkfifo from/pipe
chmod 640 from/folder/file

# What a tree holds: names, kinds, modes, and the text.
describe() {
	(cd "$1" && find . -printf '%p %y %m %l\n' | sort && cat folder/file)
}

for way in '' z J; do
	[[ $way != J ]] || command -v xz >/dev/null || continue
	rm -rf to && mkdir to
	is "packs with '$way'" '' "$(under tar tar "-c${way}f" packed -C from . 2>&1)"
	is "lists with '$way'" 7 "$(under tar tar "-t${way}f" packed | wc -l)"
	is "compares with '$way'" '' "$(under tar tar "-d${way}f" packed -C from 2>&1)"
	is "unpacks with '$way'" '' "$(under tar tar "-x${way}pf" packed -C to 2>&1)"
	is "all is there with '$way'" "$(describe from)" "$(describe to)"
done
is 'through pipes, sparse' 0 "$(under tar sh -c \
	'tar -cSf - -C from . | tar -xf - -C to && cmp from/zeroes to/zeroes; echo $?')"
is 'updates an archive' 2 "$(cp packed a && under tar tar -cf a -C from zeroes &&
	echo new >from/new && under tar tar -rf a -C from new && under tar tar -tf a | wc -l)"

# An archive with a program that is set-user-ID: made outside the fence.
cp "$(type -P true)" from/program
chmod 4755 from/program
tar -cf hostile -C from program
rm -rf to && mkdir to
is 'says that it may not' 1 "$(under tar tar -xpf hostile -C to 2>&1 |
	grep -c 'Operation not permitted')"
is 'plants no set-user-ID program' '' "$(find to -perm /6000)"
is 'a compressor has no network' 1 "$(under tar tar -cf x --use-compress-program \
	'bash -c ": <>/dev/tcp/127.0.0.1/1"' from 2>&1 |
	grep -c 'socket: Address family not supported')"

refuses tar EPERM openat -100 "$scratch/s" 0x41 04755
refuses tar EPERM fchmodat -100 "$scratch/packed" 04755
refuses tar EPERM mknodat -100 "$scratch/dev" 060600 0x100
refuses tar EAFNOSUPPORT socket 1 1 0
refuses tar EPERM clone 0x10000011
refuses tar ENOSYS clone3
refuses tar EPERM mprotect 0 4096 5
dies tar ptrace
dies tar mount a b c 0 0
done_testing
