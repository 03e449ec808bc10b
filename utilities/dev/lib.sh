# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What utilities/quickstart and utilities/check share: packages, hugepages, progress.  To be sourced by bash
# from a script that has set 'root' to the top of the tree.

cache=${SLUICE_CACHE:-/var/cache/sluice}
lib_started=$SECONDS

say() {
	printf '%s\n' "$*"
}

# A heading with the time since the start.
heading() {
	printf '\n[%3ds] == %s\n' $((SECONDS - lib_started)) "$*"
}

# Run a command of several seconds with its output in the log file $1 and a dot every two seconds.
# Returns the command's status.
quietly() {
	local log=$1 n=0 rc
	shift
	"$@" >>"$log" 2>&1 </dev/null &
	# A script that is interrupted ends it.
	quiet_pid=$!
	while kill -0 $quiet_pid 2>/dev/null; do
		[ $((n % 10)) != 0 ] || printf '.'
		n=$((n + 1))
		sleep 0.2
	done
	printf '\n'
	wait $quiet_pid
	rc=$?
	quiet_pid=
	return $rc
}

# The names of the packages of the groups "$@".
packages_of() {
	local group
	for group in "$@"; do
		awk -v g="$group" '$1 == g { print $2 }' "$root/utilities/packages"
	done
}

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# While packages are being installed no Open vSwitch service may be started, stopped or restarted.
without_services() {
	local policy=/usr/sbin/policy-rc.d mine=no rc=0
	if [ ! -e $policy ]; then
		mine=yes
		printf '#!/bin/sh\ncase $1 in openvswitch*|ovs*) exit 101;; esac\nexit 0\n' >$policy
		chmod 755 $policy
	fi
	"$@" || rc=$?
	[ $mine = no ] || rm -f $policy
	return $rc
}

apt_install() {
	DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends --no-upgrade "$@"
}

# apt's lists may be absent or days old; fetch them once, and only when something is missing.
apt_update_once() {
	[ -n "${lib_updated:-}" ] && return 0
	apt-get update || return 1
	lib_updated=yes
}

# Unpack package $1 under the cache directory and leave a link 'cache/$1' to it.
unpack_package() {
	local name=$1 real tmp
	[ -e "$cache/$name/.complete" ] && return 0
	apt_update_once || return 1
	# A kernel's package without a version only names the real one.
	real=$(apt-cache depends "$name" | awk '/Depends: linux-image/ { print $2; exit }')
	mkdir -p "$cache" && tmp=$(mktemp -d "$cache/unpack.XXXXXX") || return 1
	if (cd "$tmp" && apt-get download "${real:-$name}" && dpkg -x ./*.deb tree && touch tree/.complete); then
		rm -rf "${cache:?}/$name" && mv "$tmp/tree" "$cache/$name" && rm -rf "$tmp"
	else
		rm -rf "$tmp"
		return 1
	fi
}

# Install the missing packages of the groups "$@" and unpack the ones that are only to be unpacked.
install_packages() {
	local name group missing=()
	for name in $(packages_of "$@"); do
		is_installed "$name" || missing+=("$name")
	done
	if [ ${#missing[@]} -gt 0 ]; then
		say "installing: ${missing[*]}"
		apt_update_once && without_services apt_install "${missing[@]}" || return 1
	else
		say "all of: $(packages_of "$@" | tr '\n' ' ')"
	fi
	for group in "$@"; do
		for name in $(packages_of "$group+"); do
			say "unpacking: $name -> $cache/$name"
			unpack_package "$name" || return 1
		done
	done
}

# Programs of unpacked packages come after the installed ones.
PATH=$PATH:$cache/openvswitch-switch/usr/bin

hugepages=/proc/sys/vm/nr_hugepages
hugepages_added=0

# Reserve $1 MiB more of 2 MiB pages if there is room; sets 'hugepages_added'.  Never less than all of it.
reserve_hugepages() {
	local want=$(($1 / 2)) free before after
	free=$(awk '/^HugePages_Free/ { print $2 }' /proc/meminfo)
	[ "${free:-0}" -ge $want ] && return 0
	[ -w $hugepages ] || return 1
	[ "$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)" -gt $(($1 + 1024)) ] || return 1
	before=$(cat $hugepages)
	echo $((before + want - free)) >$hugepages 2>/dev/null || return 1
	after=$(cat $hugepages)
	hugepages_added=$((after - before))
	if [ $hugepages_added -lt $((want - free)) ]; then
		give_back_hugepages
		return 1
	fi
}

# Others may have changed the number meanwhile: take back only what was added here.
give_back_hugepages() {
	local now
	[ $hugepages_added -gt 0 ] || return 0
	now=$(cat $hugepages)
	echo $((now > hugepages_added ? now - hugepages_added : 0)) >$hugepages
	hugepages_added=0
}
