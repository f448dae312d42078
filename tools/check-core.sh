#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Checks that the library's core is free of the system.
#
#     tools/check-core.sh libcallgate-core.a
#
# Whatever the archive's objects need and do not define must be on the list below:
# memory, strings, formatting into memory, and the compiler's arithmetic. Nothing that
# opens, reads, prints, exits, looks at the environment or makes a system call. Objects
# of a sanitizer or coverage build also need their runtime's symbols, which are let
# through by prefix.
set -euo pipefail

allowed='
	malloc calloc realloc reallocarray free
	memcmp memcpy memmove memset memchr
	strlen strnlen strcmp strncmp strcasecmp strncasecmp strchr strrchr strstr strspn strcspn
	vsnprintf snprintf
	isalnum isalpha isdigit isprint isspace isxdigit tolower toupper
	__ctype_b_loc __ctype_tolower_loc __ctype_toupper_loc
	qsort bsearch
	__popcountdi2 __popcountsi2 __ctzdi2 __moddi3 __udivdi3 __udivmoddi4 __umoddi3
	__assert_fail __stack_chk_fail
	__memcpy_chk __memmove_chk __memset_chk __snprintf_chk __vsnprintf_chk
	_GLOBAL_OFFSET_TABLE_
'
runtime='^(__asan_|__ubsan_|__sanitizer_|__gcov_|__llvm_)'

defined=$(nm --defined-only --format=posix "$1" | awk 'NF > 2 { print $1 }' | sort -u)
needed=$(nm --undefined-only --format=posix "$1" | awk 'NF >= 2 { print $1 }' | sort -u)
foreign=$(comm -23 <(echo "$needed") <(echo "$defined") |
	grep -vE "$runtime" |
	grep -vxF -f <(tr -s ' \t\n' '\n' <<<"$allowed" | grep .) || true)

if [[ -n $defined && -z $foreign ]]; then
	echo "$(wc -l <<<"$defined") symbols, none of the system"
	exit 0
fi
for symbol in $foreign; do
	echo "the core uses '$symbol', in:"
	nm --undefined-only --print-file-name "$1" |
		awk -v symbol="$symbol" '$NF == symbol { sub(".*/", "", $1); print "    " $1 }'
done >&2
exit 1
