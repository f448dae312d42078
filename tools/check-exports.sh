#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Checks that the shared library exports what the headers declare, no more and no less; and
# in private what the libraries beside it take of it.
#
#     tools/check-exports.sh libcallgate.so LIBRARY.a... -- HEADER...
set -euo pipefail
library=$1
shift
beside=()
while [[ $1 != -- ]]; do
	beside+=("$1")
	shift
done
shift

declared=$(cat "$@" | tr '\n' ' ' | grep -oE 'CALLGATE_API [^;(]*\(' |
	grep -oE 'callgate_[a-z0-9_]+ ?\($' | tr -d ' (' | sort -u)

# Symbols with their versions; the versions themselves are absolute.
symbols=$(nm -D --defined-only --format=posix "$library" | awk '$2 != "A" { print $1 }' |
	grep -vE '^(__asan_|__ubsan_|__sanitizer_|__gcov_|mangle_path)')
exported=$(sed -n 's/@@CALLGATE_[0-9]*$//p' <<<"$symbols" | sort -u)
private=$(sed -n 's/@@CALLGATE_PRIVATE_.*//p' <<<"$symbols" | sort -u)

# What the others leave open and this library has, in private.
taken=$(comm -12 <(nm --format=posix "${beside[@]}" | awk '$2 == "U" { print $1 }' | sort -u) \
	<(nm --format=posix "${library%.so*}.a" | awk '$2 == "T" { print $1 }' | sort -u) |
	comm -23 - <(nm --format=posix "${beside[@]}" | awk '$2 == "T" { print $1 }' | sort -u) |
	grep -v '^callgate_')

# same WHAT WANTED IS: two lists that must be one.
same() {
	[[ $2 == "$3" ]] && echo "$(wc -l <<<"$2") functions, $1 and exported" && return
	diff <(echo "$2") <(echo "$3") |
		sed -n "s/^< /$1, not exported: /p; s/^> /exported, not $1: /p" >&2
	return 1
}

same declared "$declared" "$exported"
same 'taken by the others' "$taken" "$private"
