#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Sizes of functions and files, as doc/contributing.md speaks of them.
#
#     tools/structure.sh [--check] [FOLDER]...      (default: src probe cli)
#
# --check fails, and says where, when something is over its limit.
set -euo pipefail
cd "$(dirname "$0")/.."

median_max=17 p90_max=49 function_max=80 file_max=800

check=
if [[ ${1-} == --check ]]; then
	check=1
	shift
fi
[[ $# -gt 0 ]] || set -- src probe cli

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

# over WHAT: "NUMBER NAME..." lines of standard input over the limit that is $2.
over() {
	awk -v what="$1" -v limit="$2" '
		$1 > limit { print $2, "has", $1, "lines,", what, "at most", limit; bad = 1 }
		END { exit bad }'
}

sizes=$(functions "$@")
files=$(find "$@" -name '*.[ch]' -exec wc -l {} + | grep -v ' total$')

if [[ $check ]]; then
	status=0
	over 'a function' "$function_max" <<<"$sizes" || status=1
	over 'a file' "$file_max" <<<"$files" || status=1
	cut -d' ' -f1 <<<"$sizes" | sort -n | awk -v m="$median_max" -v p="$p90_max" '
		{ value[NR] = $1 }
		END {
			median = value[int((NR + 1) / 2)]; p90 = value[int(NR * .9 + .5)]
			printf "functions: %d, median %d, 90th percentile %d, largest %d\n",
				NR, median, p90, value[NR]
			exit median > m || p90 > p
		}' || status=1
	exit $status
fi

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
