#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the shells make of `callgate completion`: completion.sh CALLGATE
#
# bash completes as if one had typed; zsh and fish, where they are, read theirs.
set -euo pipefail

callgate=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
PATH=$(dirname "$callgate"):$PATH
failures=0

is() {
	if [[ $2 == "$3" ]]; then
		echo "ok: $1"
	else
		printf 'FAILED: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
		failures=$((failures + 1))
	fi
}

# typed WORD...: what bash offers for the last one.
typed() {
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
	_callgate
	echo "${COMPREPLY[*]}"
}

# The options of a command as its --help lists them.
helped() {
	ARGP_HELP_FMT=rmargin=500 "$callgate" "$1" --help |
		grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -e '--[a-z-]+' |
		grep -vx -e --usage | sort
}

"$callgate" completion bash >"$scratch/bash"
source "$scratch/bash"
is 'bash: it is registered' 'complete -o default -F _callgate callgate' \
	"$(complete -p callgate)"
is 'bash: completes a command' compile "$(typed callgate comp)"
is 'bash: completes an option' --stats "$(typed callgate compile --sta)"
is 'bash: completes an ABI' aarch64 "$(typed callgate check --abi aar)"
is 'bash: completes an ABI behind =' aarch64 "$(typed callgate check --abi = aar)"
is 'bash: lists ABIs behind =' x86_64 "$(typed callgate check --abi = | grep -o x86_64)"
is 'bash: leaves files to readline' '' "$(typed callgate check exam)"
mapfile -t commands < <("$callgate" --help | awk '/^  [a-z]+ / { print $1 }')
for command in "${commands[@]}"; do
	is "bash: has $command" "$command" "$(typed callgate "$command")"
	is "bash: has all options of $command" \
		"$(helped "$command" | tr '\n' ' ')" \
		"$(typed callgate "$command" -- | tr ' ' '\n' | sort | tr '\n' ' ')"
done

"$callgate" completion zsh >"$scratch/_callgate"
if command -v zsh >/dev/null; then
	is 'zsh: reads it' '' "$(zsh -n "$scratch/_callgate" 2>&1)"
	is 'zsh: loads it' _callgate "$(zsh -fc '
		fpath=($1 $fpath); autoload -U compinit; compinit -D -u
		print $_comps[callgate]' zsh "$scratch" 2>&1)"
	for command in "${commands[@]}"; do
		is "zsh: has all options of $command" "$(helped "$command")" "$(zsh -fc '
			_arguments() { print -rl -- "$@" }
			source $1/_callgate
			words=(callgate $2 --) CURRENT=3
			_callgate' zsh "$scratch" "$command" |
			sed 's/\[.*//' |
			grep -oE -e '--[a-z-]+' | sort -u)"
	done
fi

"$callgate" completion fish >"$scratch/callgate.fish"
if command -v fish >/dev/null; then
	export HOME=$scratch
	asked() {
		fish -c "source '$scratch/callgate.fish'; complete -C '$1'" | cut -f1
	}
	is 'fish: completes a command' compile "$(asked 'callgate comp')"
	is 'fish: completes an option' --stats "$(asked 'callgate compile --sta')"
	is 'fish: completes an ABI' aarch64 "$(asked 'callgate check --abi aar')"
	for command in "${commands[@]}"; do
		is "fish: has all options of $command" "$(helped "$command")" \
			"$(asked "callgate $command --" | sort)"
	done
fi

is 'refuses another shell' 2 "$("$callgate" completion csh 2>/dev/null || echo $?)"
[[ $failures == 0 ]]
