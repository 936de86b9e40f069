#!/usr/bin/env bash
# Makes a disk image with the layout of Ubuntu for the Turing RK1 (v2.x server) out of a root filesystem.
# Usage: make-rk1-image.sh ROOT.tar SIZE OUTPUT.img     SIZE as truncate takes it, for example 2500M
# Needs: Debian's fdisk, dosfstools and e2fsprogs; root, for the owners of the files.
# Layout (from the published build scripts): GPT, 4 MiB FAT32 CIDATA at 16 MiB, ext4 from 20 MiB typed as ESP.
set -euo pipefail

root_tar=$1 size=$2 output=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/root"
tar -C "$work/root" -xf "$root_tar" --exclude=./dev

truncate -s "$size" "$output"
sfdisk --quiet "$output" <<'TABLE'
label: gpt
start=32768, size=8192, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, name=cidata
start=40960, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=primary
TABLE

truncate -s 4M "$work/cidata.fat"
mkfs.vfat -F 32 -n CIDATA "$work/cidata.fat" >/dev/null
dd if="$work/cidata.fat" of="$output" bs=1M seek=16 conv=notrunc status=none

# The last "size" that sfdisk tells is the root partition's, in sectors.
root_bytes=$(($(sfdisk --json "$output" | sed -n 's/.*"size": \([0-9]*\),/\1/p' | tail -n 1) * 512))
truncate -s "$root_bytes" "$work/root.ext4"
mkfs.ext4 -q -F -L cloudimg-rootfs -d "$work/root" "$work/root.ext4"
dd if="$work/root.ext4" of="$output" bs=1M seek=20 conv=notrunc,sparse status=none
