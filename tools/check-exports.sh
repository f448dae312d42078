#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Checks that the shared library exports what the headers declare, no more and no less.
#
#     tools/check-exports.sh libcallgate.so HEADER...
set -euo pipefail
library=$1
shift

declared=$(cat "$@" | tr '\n' ' ' | grep -oE 'CALLGATE_API [^;(]*\(' |
	grep -oE 'callgate_[a-z0-9_]+ ?\($' | tr -d ' (' | sort -u)
# Without versions, and the version itself, which is absolute.
exported=$(nm -D --defined-only --without-symbol-versions --format=posix "$library" |
	awk '$2 != "A" { print $1 }' |
	grep -vE '^(__asan_|__ubsan_|__sanitizer_|__gcov_|mangle_path$)' | sort -u)

if [[ $declared == "$exported" ]]; then
	echo "$(wc -l <<<"$declared") functions, declared and exported"
	exit 0
fi
diff <(echo "$declared") <(echo "$exported") |
	sed -n 's/^< /declared, not exported: /p; s/^> /exported, not declared: /p' >&2
exit 1
