#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The policies that come with callgate are those that an audit has nothing to say about,
# however they are compiled.
#
#     tests/cli/examples.sh CALLGATE FOLDER
set -euo pipefail

filter=$(mktemp --suffix .bpf)
trap 'rm "$filter"' EXIT
status=0
for policy in "$2"/*.gate; do
	"$1" audit "$policy" || status=1
	for options in --cost-model=no-cache --exhaustive; do
		"$1" compile $options -o "$filter" "$policy"
		"$1" audit "$filter" || status=1
	done
done
exit $status
