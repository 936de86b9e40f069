#!/usr/bin/env bash
# Makes a real Debian root filesystem as a tar, for benchmarks and boot tests. About a minute.
# Usage: make-debian-root.sh OUTPUT.tar [PACKAGE ...]     further packages go on top of the list below
# Needs: Debian's mmdebstrap, root. Debian's cloud-init and netplan.io are the programs that Ubuntu uses.
set -euo pipefail

output=$1
shift
packages=(systemd systemd-sysv udev linux-image-cloud-amd64 openssh-server netplan.io cloud-init sudo iproute2
  dbus kmod ca-certificates e2fsprogs passwd login "$@")
include=$(IFS=,; echo "${packages[*]}")

temporary="$output.partial.tar"
trap 'rm -f "$temporary"' EXIT
mmdebstrap --quiet --variant=minbase --include="$include" bookworm "$temporary"
mv "$temporary" "$output"
