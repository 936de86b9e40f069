#!/usr/bin/env bash
# Makes a real root filesystem of a Debian that is started by OpenRC, as a tar, for boot tests. About a minute.
# Usage: make-openrc-root.sh OUTPUT.tar
# Needs: Debian's mmdebstrap, root.
set -euo pipefail

output=$1
packages=(openrc sysvinit-core initscripts busybox ifupdown openssh-server sudo passwd login iproute2 procps kmod udev
  e2fsprogs linux-image-cloud-amd64)
include=$(IFS=,; echo "${packages[*]}")

temporary="$output.partial.tar"
trap 'rm -f "$temporary"' EXIT
mmdebstrap --quiet --variant=minbase --include="$include" bookworm "$temporary"
mv "$temporary" "$output"
