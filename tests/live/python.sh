#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples/python.gate: a test suite with threads, programs, sockets and a database
# passes; what reaches for the machine is refused, by ctypes and from children as well.
source "$(dirname "$0")/lib.sh"
need python3
is_clean python

here=$(dirname "$0")

# python WANTED FUNCTION [NUMBER]...: what raw.py prints of it.
python() {
	local wanted=$1
	shift
	is "ctypes: $*" "$wanted" "$(under python python3 "$here/raw.py" "$@" 2>&1)"
}

status=0
under python python3 "$here/suite.py" >"$scratch/log" 2>&1 || status=$?
[[ $status == 0 ]] || cat "$scratch/log"
is 'a test suite passes' '0 OK' "$status $(tail -1 "$scratch/log")"

python done getpid
python EPERM ptrace 0 0 0 0
python EPERM mount 0 0 0 0 0
python EPERM unshare 0x10000000
python EPERM setns 0 0
python EPERM personality 0x0040000
python EAFNOSUPPORT socket 16 3 0
python EAFNOSUPPORT socket 17 3 0
python EAFNOSUPPORT socket 2 3 1
python EPERM mprotect 0 4096 7
python EPERM ioctl 0 0x5412 0
is 'a child is held as well' EAFNOSUPPORT "$(under python python3 -c '
import subprocess, sys
subprocess.run([sys.executable] + sys.argv[1:])' "$here/raw.py" socket 16 3 0 2>&1)"

refuses python ENOSYS clone3
refuses python EPERM clone 0x10000011
refuses python EPERM kexec_load 0 0 0 0
refuses python EPERM init_module 0 0 0
refuses python EPERM bpf 0 0 0
refuses python EPERM io_uring_setup 1 0
refuses python EPERM userfaultfd 0
refuses python EPERM perf_event_open 0 0 0 0 0
refuses python EPERM keyctl 0
refuses python EPERM add_key 0 0 0 0 0
refuses python EPERM open_by_handle_at 0 0 0
done_testing
