#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Sizes of functions and files, as doc/contributing.md speaks of them.
#
#     tools/structure.sh [FOLDER]...      (default: src cli)
set -euo pipefail
cd "$(dirname "$0")/.."
[[ $# -gt 0 ]] || set -- src cli

# Numbers on standard input, sorted; one line of figures.
figures() {
	awk -v what="$1" '
		{ value[NR] = $1; sum += $1 }
		END {
			if (!NR) exit
			printf "%-10s %5d, median %d, 90th percentile %d, largest %d, lines %d\n",
				what, NR, value[int((NR + 1) / 2)], value[int(NR * .9 + .5)],
				value[NR], sum
		}'
}

functions() {
	ctags -R --languages=C --langmap=C:.c --kinds-C=f --fields=+ne -x \
		--_xformat='%{end} %n %N %F' "$@" |
		awk '{ print $1 - $2 + 1, $3, $4 ":" $2 }'
}

sizes=$(functions "$@")
files=$(find "$@" -name '*.[ch]' -exec wc -l {} + | grep -v ' total$')

echo 'functions, in lines:'
for folder in "$@"; do
	functions "$folder" | cut -d' ' -f1 | sort -n | figures "  $folder"
done
echo 'files, in lines:'
awk '{ print $1 }' <<<"$files" | sort -n | figures '  all'

echo 'longest functions:'
sort -rn <<<"$sizes" | awk 'NR <= 10 { printf "  %4d  %s  %s\n", $1, $2, $3 }'
echo 'longest files:'
sort -rn <<<"$files" | awk 'NR <= 10 { printf "  %4d  %s\n", $1, $2 }'
