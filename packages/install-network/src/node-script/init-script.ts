import { shellText } from './shell-text.js';

/**
 * The installer's first process: replaces the `/init` of the base image's initrd, whose shell runs it.
 *
 * @remarks After a failure that repeats, whoever reads the serial console finds a shell there.
 */
export const INIT_SCRIPT = shellText`#!/bin/sh
PATH=/turingpi/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
mkdir -p /proc /sys /dev /run
mount -t proc proc /proc 2>/dev/null
mount -t sysfs sysfs /sys 2>/dev/null
mount -t devtmpfs devtmpfs /dev 2>/dev/null
mount -t tmpfs -o size=75% tmpfs /run
echo "turingpi-installer: started"
echo 3 >/proc/sys/kernel/printk
TP_SYS=/sys TP_BIN=/turingpi/bin/ TP_LEASE=/turingpi/lease.sh
. /turingpi/settings
. /turingpi/network.sh

# What sets the clock comes first: everything after it is quicker. A driver may find devices that want drivers themselves.
load_drivers() {
  command -v modprobe >/dev/null || return 0
  for driver in $TP_DRIVERS; do modprobe -q "$driver" 2>/dev/null; done
  known=
  while set -- /sys/bus/*/devices/*/modalias && [ "$*" != "$known" ]; do
    known=$*
    for alias in "$@"; do
      read -r name <"$alias" 2>/dev/null && [ -n "$name" ] && modprobe -q -b "$name" 2>/dev/null
    done
  done
}

# Prints the disks that hold this installer.
find_disk() {
  for entry in /sys/block/*; do
    name=\${entry##*/}
    case $name in loop* | ram* | zram* | *boot* | *rpmb*) continue ;; esac
    mark=$(dd if="/dev/$name" bs=1 skip="$TP_MARK_OFFSET" count="$TP_MARK_BYTES" 2>/dev/null | sha256sum)
    [ "\${mark%% *}" = "$TP_MARK_DIGEST" ] && echo "$name"
  done
}

# Network and disk: both may take a while to be there.
get_ready() {
  TP_BOOT_DISK= TP_BOOT_BYTES=0 TP_SERIAL= TP_PARTITIONS=
  interface=$(find_interface any)
  if [ -z "$interface" ]; then
    echo "turingpi-installer: failed: there is no network port $TP_NET_DEVICE"
    return 1
  fi
  configure "$interface" || return 1
  disks=$(find_disk)
  set -- $disks
  if [ "$#" -ne 1 ]; then
    echo "turingpi-installer: failed: $# disks hold this installer, not one"
    return 1
  fi
  use "$1"
  [ "$TP_TARGET" = nvme ] || return 0
  TP_BOOT_DISK=$TP_DISK TP_BOOT_BYTES=$TP_DISK_BYTES
  set -- $(find_nvme)
  if [ "$#" -ne 1 ]; then
    echo "turingpi-installer: failed: there are $# NVMe disks, not one"
    return 1
  fi
  use "$1"
  TP_DISCARD_FROM=0
  read -r TP_SERIAL <"/sys/block/$1/device/serial"
  for entry in "/sys/block/$1/$1"p*; do
    [ -e "$entry/size" ] || continue
    read -r sectors <"$entry/size"
    TP_PARTITIONS="$TP_PARTITIONS \${entry##*/} $((sectors / 2048)) MiB,"
  done
}

# disk: what is written.
use() {
  read -r sectors <"/sys/block/$1/size"
  TP_DISK=/dev/$1 TP_DISK_BYTES=$((sectors * 512)) TP_SECTOR_BYTES=512
  read -r TP_SECTOR_BYTES <"/sys/block/$1/queue/logical_block_size"
}

# Prints the NVMe disks, without the hidden ones of controllers with several ways.
find_nvme() {
  for entry in /sys/block/nvme*; do
    case \${entry##*/} in *c*) continue ;; esac
    [ -e "$entry/size" ] && echo "\${entry##*/}"
  done
}

install() {
  tries=0
  until get_ready; do
    tries=$((tries + 1))
    [ "$tries" -lt 12 ] || return 1
    sleep 5
    load_drivers
  done
  TP_CURLRC=/turingpi/curlrc TP_WORK=/run/turingpi TP_DROP_CACHES=yes
  export TP_URL TP_WORKERS TP_MARK_OFFSET TP_MARK_BYTES TP_MARK_DIGEST TP_DISCARD_FROM
  export TP_CURLRC TP_WORK TP_DROP_CACHES TP_DISK TP_DISK_BYTES TP_SECTOR_BYTES
  export TP_BOOT_DISK TP_BOOT_BYTES TP_SERIAL TP_PARTITIONS
  sh /turingpi/install.sh
}

load_drivers
until install; do
  echo "turingpi-installer: given up; this is a shell, and all is tried again when it ends"
  sh </dev/console >/dev/console 2>&1
  sleep 5
done
sync
echo o >/proc/sysrq-trigger
sleep 60
`;
