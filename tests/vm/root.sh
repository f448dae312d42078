#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The Debian of another machine, unpacked: a kernel, the libraries to link with, busybox.
#
#     root.sh MACHINE FOLDER
#
# Makes FOLDER/root and FOLDER/cross.ini for meson, or leaves them as they are. Uses a
# package list of its own: nothing of this machine's packages changes. The compiler is
# clang, because Debian's other compilers cannot be installed beside gcc-multilib.
set -euo pipefail

libraries='libc6 libc6-dev libcrypt1 linux-libc-dev libgcc-s1 libgcc-12-dev libcmocka0 libcmocka-dev libjansson4 libjansson-dev libyaml-0-2 libyaml-dev libdw1 libdw-dev libelf1 libelf-dev zlib1g zlib1g-dev liblzma5 liblzma-dev libbz2-1.0'

here=$(dirname "$0")
machine=$1 folder=$2
IFS=$'\t' read -r _ debian triplet family endian kernel _ < <(grep -P "^$machine\t" "$here/machines.tsv")
[[ -d $folder/root ]] && exit
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
folder=$(realpath "$folder")
touch "$folder/apt/status"
options=(-qq -o "APT::Architecture=$debian" -o "APT::Architectures::=$debian"
	-o "Dir::State::lists=$folder/apt/lists" -o "Dir::State::status=$folder/apt/status"
	-o "Dir::Cache=$folder/apt/cache" -o Acquire::Languages=none
	-o APT::Sandbox::User=root)

apt-get "${options[@]}" update || echo "root.sh: going on with the package lists that came" >&2
image=$(apt-cache "${options[@]}" depends "$kernel" |
	sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | tail -1)
mkdir -p "$folder/packages"
# shellcheck disable=SC2086
(cd "$folder/packages" && apt-get "${options[@]}" download "$image" busybox-static $libraries)
rm -rf "$folder/new" && mkdir "$folder/new"
for package in "$folder"/packages/*.deb; do
	dpkg-deb --fsys-tarfile "$package" |
		tar -x -C "$folder/new" --exclude=./lib/modules --exclude=./usr/share
done

cat >"$folder/cross.ini" <<-END
	[binaries]
	c = ['clang-14', '--target=$triplet', '--sysroot=$folder/root']
	ar = '$triplet-ar'
	strip = '$triplet-strip'
	pkgconfig = 'pkg-config'
	[properties]
	sys_root = '$folder/root'
	pkg_config_libdir = '$folder/root/usr/lib/$triplet/pkgconfig'
	[host_machine]
	system = 'linux'
	cpu_family = '$family'
	cpu = '$machine'
	endian = '$endian'
END
rm -rf "$folder/apt" "$folder/packages"
mv "$folder/new" "$folder/root"
