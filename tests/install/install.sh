#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What a package holds, used as one uses it: the examples are built against a staged
# installation by what pkg-config says, with each compiler at hand, and do their work.
#
#     install.sh BUILD SOURCE COMPILER PROBE
#
# COMPILER is gcc or clang-14 (the C++ example with the C++ compiler beside it).
set -euo pipefail

build=$1 source=$2 compiler=$3 probe=$4
declare -A beside=([gcc]=g++ [clang-14]=clang++-14)
cxx=${beside[$compiler]}

stage=$(mktemp -d)
daemon=
trap '[[ -z $daemon ]] || kill "$daemon"; rm -rf "$stage"' EXIT
failures=0

skip() {
	echo "$*"
	exit 77
}

is() {
	if [[ $2 == "$3" ]]; then
		echo "ok: $1"
	else
		printf 'FAILED: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
		failures=$((failures + 1))
	fi
}

for program in "$compiler" "$cxx" make pkg-config; do
	command -v "$program" >/dev/null || skip "$program is not installed"
done
reason=$("$probe" --permitted) || skip "$reason"

# Debian's way: into a folder of its own, which becomes the package.
DESTDIR=$stage meson install --no-rebuild -C "$build" >"$stage/log" 2>&1 ||
	{ cat "$stage/log"; exit 1; }
pc=$(find "$stage" -name callgate.pc)
prefix=$(sed -n 's/^prefix=//p' "$pc")
libraries=$(dirname "$(dirname "$pc")")
# Ours first, and the machine's behind: libdw is not installed by us.
system=$(pkg-config --variable pc_path pkg-config)
export PKG_CONFIG_SYSROOT_DIR=$stage PKG_CONFIG_LIBDIR=${pc%/*}:$system
export LD_LIBRARY_PATH=$libraries PATH=$stage$prefix/bin:$PATH

holds() {
	local name
	for name in "$@"; do
		is "holds $name" yes "$([[ -e $name ]] && echo yes)"
	done
}

holds "$stage$prefix/bin/callgate" "$stage$prefix/include/callgate.h" \
	"$libraries"/libcallgate.{a,so,so.0} "$libraries"/libcallgate-{explain,format}.a
share=$stage$prefix/share
holds "$share/man/man3/callgate_confine.3" \
	"$share/bash-completion/completions/callgate" \
	"$share/zsh/site-functions/_callgate" \
	"$share/fish/vendor_completions.d/callgate.fish"
is 'the command runs' "callgate $(pkg-config --modversion callgate)" \
	"$(callgate --version | head -1)"

read -ra flags <<<"$(pkg-config --cflags --libs callgate)"
read -ra include <<<"$(pkg-config --cflags callgate)"
strict=(-O2 -Wall -Wextra -Wpedantic -Werror)

# The headers are whole, and clean in both languages.
for header in $(cd "$source/include" && echo *.h); do
	for standard in c11 c17; do
		is "$header in $standard" '' "$(echo "#include <$header>" |
			"$compiler" "-std=$standard" "${strict[@]}" "${include[@]}" \
				-fsyntax-only -x c - 2>&1)"
	done
	for standard in c++11 c++20; do
		is "$header in $standard" '' "$(echo "#include <$header>" |
			"$cxx" "-std=$standard" "${strict[@]}" "${include[@]}" \
				-fsyntax-only -x c++ - 2>&1)"
	done
done

cd "$stage"
"$compiler" -std=gnu11 "${strict[@]}" "$source/examples/daemon.c" -o daemon "${flags[@]}"
"$cxx" -std=c++11 "${strict[@]}" "$source/examples/ask.cpp" -o ask "${flags[@]}"

# link SOURCE OUTPUT PACKAGE...: by what pkg-config says of shared libraries, and into
# OUTPUT-static of static ones.
link() {
	local from=$1 to=$2 said
	shift 2
	read -ra said <<<"$(pkg-config --cflags --libs "$@")"
	"$compiler" -std=gnu11 "${strict[@]}" "$from" -o "$to" "${said[@]}"
	read -ra said <<<"$(pkg-config --static --cflags --libs "$@")"
	# libdw opens its helpers at run time, which a static program cannot be sure of.
	"$compiler" -std=gnu11 "${strict[@]}" "$from" -o "$to-static" -static "${said[@]}" \
		2>static || { cat static; exit 1; }
}

link "$source/examples/fork.c" fork callgate
link "$source/examples/traps.c" traps callgate-explain
# Without jansson and libyaml there are no profiles, and callgate-format says so.
formats=$(callgate --version | grep -c '^with profiles' || true)
link "$source/tests/install/profile.c" profile callgate-format callgate-explain
link "$source/tests/install/profile.c" mixed callgate callgate-explain callgate-format
cp -r "$source/examples/header" .
make --silent -C header CC="$compiler" CFLAGS="${strict[*]}"

# --- ask.cpp -------------------------------------------------------------------------

is 'C++: answers' "getpid: allow
socket(AF_INET): errno EPERM
read: allow, or errno EPERM" "$(./ask 'allow getpid, read(fd == 0)' \
	getpid 'socket(AF_INET)' read 2>&1)"
is 'C++: throws' "ask: there is no call 'raed'" "$(./ask 'allow raed' 2>&1 || true)"

# --- fork.c --------------------------------------------------------------------------

for program in ./fork ./fork-static; do
	is "$program: commands work" "one
two" "$("$program" 'echo one' 'echo two | cat' 2>&1 | sort)"
	is "$program: has no network" 1 "$("$program" \
		': 2>&1 <>/dev/tcp/127.0.0.1/1' "bash -c ': <>/dev/tcp/127.0.0.1/1'" \
		2>&1 | grep -c 'socket: Permission denied')"
	is "$program: passes the status on" 7 \
		"$("$program" 'exit 7' >&2 || echo $?)"
done

# --- traps.c --------------------------------------------------------------------------

for program in ./traps ./traps-static; do
	is "$program: tells and goes on" \
		'callgate: mkdir(ADDRESS, 0700) trapped by a filter, at ADDRESS
mkdir: Function not implemented' \
		"$("$program" --go-on 2>&1 | sed 's/0x[0-9a-f]*/ADDRESS/g')"
	is "$program: tells and ends" 159 "$(bash -c "$program; echo \$?" 2>/dev/null)"
done

# --- every library at once -----------------------------------------------------------

for program in ./profile ./profile-static ./mixed ./mixed-static; do
	[[ $formats == 2 ]] || break
	is "$program: reads JSON" 'allow, rule' "$("$program" \
		'{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
			{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}')"
	is "$program: reads YAML" 'errno EPERM, default' "$("$program" \
		$'kind: SeccompProfile\nspec:\n  defaultAction: SCMP_ACT_ERRNO\n')"
done

# --- header/ -------------------------------------------------------------------------

is 'header: counts' 3 "$(printf '1\n2\n3\n' | header/count)"
is 'header: is killed for a file' 159 \
	"$(bash -c "header/count --misbehave; echo \$?" 2>/dev/null || true)"
is 'header: needs libc alone' '' \
	"$(readelf -d header/count | grep NEEDED | grep -v '\[libc\.so')"

# --- daemon.c ------------------------------------------------------------------------

mkfifo port
./daemon >port 2>&1 &
daemon=$!
exec 4<port
read -r port <&4
read -r word <&4
is 'daemon: has confined itself' confined "$word"
is 'daemon: its one filter' 2 "$(awk '/^Seccomp:/ { print $2 }' "/proc/$daemon/status")"
exec 3<>"/dev/tcp/127.0.0.1/$port"
echo hello >&3
read -r answer <&3
exec 3>&-
is 'daemon: answers' HELLO "$answer"

[[ $failures == 0 ]]
