# SPDX-License-Identifier: MIT
#
# For the live tests, which source it: a scratch folder that goes away, a reason to skip,
# and checks that tell what they saw. The environment names the programs under test:
# CALLGATE, PROBE (probe_call) and EXAMPLES (the folder of policies).
set -euo pipefail

scratch=$(mktemp -d)
cleanups=("rm -rf '$scratch'")
failures=0

run_cleanups() {
	local cleanup
	for cleanup in "${cleanups[@]}"; do
		eval "$cleanup"
	done
}
trap run_cleanups EXIT

# cleanup COMMAND: runs at the end, before those registered earlier.
cleanup() {
	cleanups=("$1" "${cleanups[@]}")
}

skip() {
	echo "$*"
	exit 77
}

# need PROGRAM...: skips without them, and where filters may not be installed.
need() {
	local program reason
	for program in "$@"; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
	reason=$("$PROBE" --permitted) || skip "$reason"
}

# is WHAT WANTED GOT
is() {
	if [[ $2 == "$3" ]]; then
		echo "ok: $1"
	else
		printf 'FAILED: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
		failures=$((failures + 1))
	fi
}

# is_clean POLICY: it is proven, its expectations hold, and nothing about it is dubious.
is_clean() {
	is "$1.gate is proven, without a warning" '' \
		"$("$CALLGATE" check "$EXAMPLES/$1.gate" 2>&1 | grep -v ': ok: .* proven')"
}

# under POLICY COMMAND...: the command under examples/POLICY.gate.
under() {
	local policy=$EXAMPLES/$1.gate
	shift
	"$CALLGATE" run -p "$policy" -- "$@"
}

# refuses POLICY WANTED CALL [ARGUMENT]...: WANTED is what the probe prints.
refuses() {
	local policy=$1 wanted=$2
	shift 2
	is "$policy: $*" "$wanted" "$(under "$policy" "$PROBE" "$@" 2>&1 || true)"
}

# dies POLICY CALL [ARGUMENT]...: the call kills the process with SIGSYS (128 + 31).
dies() {
	local policy=$1 status=0
	shift
	under "$policy" "$PROBE" "$@" >/dev/null 2>&1 || status=$?
	is "$policy: $* kills" 159 "$status"
}

done_testing() {
	[[ $failures == 0 ]]
}
