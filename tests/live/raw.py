# SPDX-License-Identifier: MIT
"""Calls a libc function by ctypes and prints the name of the error, or "done".

    raw.py FUNCTION [NUMBER]...
"""

import ctypes
import errno
import sys

libc = ctypes.CDLL(None, use_errno=True)
function = getattr(libc, sys.argv[1])
function.restype = ctypes.c_int
if function(*(ctypes.c_long(int(word, 0)) for word in sys.argv[2:])) == -1:
    print(errno.errorcode[ctypes.get_errno()])
else:
    print("done")
