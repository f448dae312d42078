#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Brings data/*.tsv up to the installed kernel headers; `git diff` shows what is new.
#
#     tools/update-tables.sh --kernel M.N [--reference FILE] [--tracepoints PATH]
#
#     --kernel       the version that new calls are credited to
#     --reference    numbers of calls newer than the headers (see doc/data.md)
#     --tracepoints  tracefs' events/syscalls of a newer kernel, or lines made of it
set -euo pipefail
cd "$(dirname "$0")/.."

kernel=
numbers=()
tracepoints=()
while [[ $# -gt 0 ]]; do
	case $1 in
	--kernel) kernel=${2-} ;;
	--reference) numbers=(--reference "${2-}") ;;
	--tracepoints) tracepoints=(--tracepoints "${2-}") ;;
	*)
		sed -n '5,9s/^# \{0,1\}//p' "$0" >&2
		exit 2
		;;
	esac
	shift $(($# > 1 ? 2 : 1))
done
if [[ ! $kernel =~ ^[0-9]+\.[0-9]+$ ]]; then
	echo "update-tables: --kernel wants a version such as 6.12" >&2
	exit 2
fi

tools/deps.sh tables
tools/gen_syscalls.py --kernel "$kernel" "${numbers[@]}"
[[ ${#tracepoints[@]} == 0 ]] || tools/gen_prototypes.py "${tracepoints[@]}"
tools/gen_constants.py
made=$(mktemp)
trap 'rm -f "$made"' EXIT
tools/tables.py data "$made"
