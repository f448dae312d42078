#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Installs the Debian packages that a task needs and that are missing.
#
#     tools/deps.sh [--list] [SET]...     (default: build test)
#
# Says nothing and touches nothing when nothing is missing. Needs root or sudo only
# when something is. The lists below are the only place that names packages.
set -euo pipefail

declare -A sets=(
	[build]='meson ninja-build gcc libc6-dev pkg-config python3 scdoc libcmocka-dev libjansson-dev libyaml-dev clang-14 bpftool libbpf-dev libncurses-dev libdw-dev libsystemd-dev'
	[test]='nginx sqlite3 curl git redis-server tar gzip xz-utils libseccomp-dev g++ make graphviz groff-base runc strace busybox-static golang-github-containers-common openssh-client openssh-server tmux man-db chrony tor bubblewrap python3-jsonschema apache2-utils golang-go procps redis-tools zsh fish libbz2-dev liblzma-dev'
	[browser]='chromium fonts-dejavu-core'
	[bench]='libseccomp-dev'
	[demo]='nginx curl'
	[clang]='clang-14 libclang-rt-14-dev'
	[format]='clang-format-14'
	[coverage]='gcovr'
	[tables]='clang python3 linux-libc-dev-amd64-cross linux-libc-dev-i386-cross linux-libc-dev-x32-cross linux-libc-dev-arm64-cross linux-libc-dev-armhf-cross linux-libc-dev-riscv64-cross linux-libc-dev-s390x-cross linux-libc-dev-ppc64el-cross linux-libc-dev-ppc64-cross linux-libc-dev-powerpc-cross linux-libc-dev-mips-cross linux-libc-dev-mipsel-cross linux-libc-dev-mips64-cross linux-libc-dev-mips64el-cross linux-libc-dev-mipsn32-cross linux-libc-dev-mipsn32el-cross linux-libc-dev-hppa-cross linux-libc-dev-m68k-cross linux-libc-dev-sh4-cross'
	[vm]='cpio binutils'
	[vm-x86_64]='qemu-system-x86'
	[vm-aarch64]='qemu-system-arm clang-14 binutils-aarch64-linux-gnu'
	[vm-s390x]='qemu-system-misc clang-14 binutils-s390x-linux-gnu'
	[structure]='universal-ctags'
)

# The 32-bit test programs; other machines than amd64 have no such package.
if [[ $(dpkg --print-architecture 2>/dev/null) == amd64 ]]; then
	sets[test]+=' gcc-multilib'
fi

is_installed() {
	[[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

choose_root() {
	if [[ $(id -u) == 0 ]]; then
		root=()
	elif command -v sudo >/dev/null; then
		root=(sudo)
	else
		cat >&2 <<-END
			deps: these packages are missing: ${missing[*]}
			deps: to install them takes root or sudo; as root, type
			    apt-get install --no-install-recommends ${missing[*]}
		END
		exit 4
	fi
}

# Installing these would start public servers.
declare -A services=([nginx]=nginx [openssh-server]=ssh [redis-server]=redis-server [chrony]=chrony [tor]=tor)

# Debian's invoke-rc.d and deb-systemd-invoke ask this file first; 101 means "do not".
forbid_services() {
	[[ -e /usr/sbin/policy-rc.d ]] && return
	printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee /usr/sbin/policy-rc.d >/dev/null
	trap '"${root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
	"${root[@]}" chmod 755 /usr/sbin/policy-rc.d
}

apt() {
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@"
}

list_only=
if [[ ${1-} == --list ]]; then
	list_only=1
	shift
fi

wanted=()
[[ $# -gt 0 ]] || set -- build test
for name in "$@"; do
	if [[ -z ${sets[$name]-} ]]; then
		echo "deps: no set of packages is called '$name' (there are: ${!sets[*]})" >&2
		exit 2
	fi
	read -ra packages <<<"${sets[$name]}"
	wanted+=("${packages[@]}")
done

if [[ $list_only ]]; then
	printf '%s\n' "${wanted[@]}" | sort -u
	exit
fi
if ! command -v dpkg-query >/dev/null; then
	echo "deps: not a Debian system; see to it that you have: ${wanted[*]}" >&2
	exit
fi

missing=()
for package in "${wanted[@]}"; do
	is_installed "$package" || missing+=("$package")
done
[[ ${#missing[@]} == 0 ]] && exit

echo "deps: installing ${missing[*]}"
choose_root
log=$(mktemp)
forbid_services
if ! { apt update && apt install --no-install-recommends "${missing[@]}"; } \
	>"$log" 2>&1; then
	cat "$log" >&2
	echo "deps: apt-get could not install: ${missing[*]}" >&2
	exit 4
fi
rm -f "$log"
for package in "${missing[@]}"; do
	service=${services[$package]-}
	if [[ $service && -d /run/systemd/system ]]; then
		echo "deps: $package was not started; 'systemctl disable $service' keeps" \
			"it from starting at the next boot"
	fi
done
