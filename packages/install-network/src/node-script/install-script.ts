import { shellText } from './shell-text.js';

/**
 * Pulls an image, writes it, and reads it back: POSIX sh and programs of the base image, run on the node.
 *
 * @remarks
 * It is told everything by variables, so that it runs the same on a block device and, in tests, on a file: `TP_URL`,
 * `TP_CURLRC`, `TP_WORK` (a directory in memory), `TP_DISK`, `TP_DISK_BYTES`, `TP_SECTOR_BYTES`, `TP_WORKERS`, `TP_MARK_*`; for an NVMe also
 * `TP_SERIAL`, `TP_PARTITIONS`, and the disk that it was started from, `TP_BOOT_DISK`, `TP_BOOT_BYTES`. `TP_TRIES` requests
 * in a row may fail, and then all is tried again, `TP_ATTEMPTS` times. It says what it does on its output, which is the serial console, and to the server. What it gets are
 * the lines of a plan: see `render-plan.ts`. A parcel is checked before a byte of it is written, and the disk is read back
 * before the partition table, which comes last, makes it bootable.
 */
export const INSTALL_SCRIPT = shellText`set -u
umask 077
: "\${TP_BOOT_DISK:=}" "\${TP_BOOT_BYTES:=0}" "\${TP_SERIAL:=}" "\${TP_PARTITIONS:=}" "\${TP_SECTOR_BYTES:=512}"
: "\${TP_TRIES:=120}" "\${TP_PAUSE:=2}" "\${TP_ATTEMPTS:=3}" "\${TP_DISCARD_FROM:=}" "\${TP_DROP_CACHES:=no}" "\${TP_BEAT:=60}"

say() { echo "turingpi-installer: $*"; }
ask() { curl -q -K "$TP_CURLRC" "$@" 2>>"$TP_WORK/errors"; }
# What is being done, said now and every minute until something else is: who hears nothing takes the node for dead.
doing() {
  echo "$1" >"$TP_WORK/doing"
  report "$1"
}
keep_saying() {
  exec >/dev/null 2>&1
  while sleep "$TP_BEAT" && read -r now <"$TP_WORK/doing"; do report "$now"; done
}
report() { ask --max-time 15 --data-binary "$*" -o /dev/null "$TP_URL/report" || :; }
last_error() {
  text='no error was told'
  [ ! -f "$TP_WORK/errors" ] || while read -r line; do text=$line; done <"$TP_WORK/errors"
  echo "$text"
}
fail() {
  rm -f "$TP_WORK/doing"
  say "failed: $*"
  echo "$*" >"$TP_WORK/reason"
  report "failed $*"
  exit 1
}
# As fail, for what another attempt would not change.
refuse() {
  say "failed: $*"
  echo "$*" >"$TP_WORK/reason"
  exit 2
}
digest() { sha256sum | { read -r sum rest; echo "$sum"; }; }
size_of() { if [ -f "$1" ]; then wc -c <"$1"; else echo 0; fi; }

# Without a node of its name, dd would make a file in memory of it, which reads back well.
assert_there() { [ -e "$TP_DISK" ] || fail "$TP_DISK is gone"; }

# The disk to write is the one that this very installer was started from, or the NVMe beside it.
check_disk() {
  assert_there
  from=\${TP_BOOT_DISK:-$TP_DISK}
  mark=$(dd if="$from" bs=1 skip="$TP_MARK_OFFSET" count="$TP_MARK_BYTES" 2>/dev/null | digest)
  [ "$mark" = "$TP_MARK_DIGEST" ] || refuse "disk $from does not hold this installer: it is another disk"
  [ "$TP_SECTOR_BYTES" = 512 ] ||
    refuse "disk $TP_DISK has sectors of $TP_SECTOR_BYTES bytes, and the tables of the image are for 512"
}

# Prints what is written, for who decides whether it may be. A disk without a table may have a filesystem all the same.
describe_disk() {
  printf 'disk %s' "$TP_DISK_BYTES"
  [ -n "$TP_BOOT_DISK" ] || return 0
  zeros=$(dd if=/dev/zero bs=1048576 count=1 2>/dev/null | digest)
  begin=$(dd if="$TP_DISK" bs=1048576 count=1 2>/dev/null | digest)
  end=$(dd if="$TP_DISK" bs=512 skip=$((TP_DISK_BYTES / 512 - 2048)) count=2048 2>/dev/null | digest)
  state=used
  [ "$begin" != "$zeros" ] || [ "$end" != "$zeros" ] || [ -n "$TP_PARTITIONS" ] || state=empty
  serial=
  for word in $TP_SERIAL; do serial=$serial\${serial:+_}$word; done
  printf ' nvme %s %s%s' "\${serial:-unknown}" "$state" "$TP_PARTITIONS"
}

# The boot loader of the eMMC stays, and finds no system there.
clear_tables() {
  [ -n "$TP_BOOT_DISK" ] || return 0
  for place in 0 $((TP_BOOT_BYTES / 512 - 34)); do
    dd if=/dev/zero of="$TP_BOOT_DISK" bs=512 seek="$place" count=34 conv=notrunc 2>/dev/null ||
      fail "cannot write to $TP_BOOT_DISK"
  done
}

get_plan() {
  tries=0
  until ask --max-time 60 --data-binary "$(describe_disk)" -o "$TP_WORK/plan" "$TP_URL/plan"; do
    tries=$((tries + 1))
    [ "$tries" -lt "$TP_TRIES" ] || fail "the image server at $TP_URL does not answer: $(last_error)"
    say "waiting for $TP_URL: $(last_error)"
    sleep "$TP_PAUSE"
  done
  first= last=
  while read -r line; do
    [ -n "$first" ] || first=$line
    last=$line
  done <"$TP_WORK/plan"
  case $first in
  'turingpi-plan 1') [ "$last" = end ] || fail "the plan is cut off" ;;
  refused*) refuse "the server refuses: \${first#refused }" ;;
  *) fail "the server answers with something else than a plan" ;;
  esac
}

# number, bytes, digest: brings a parcel into memory; what is there already is not fetched again.
pull() {
  tries=0 wrong=0
  while :; do
    have=$(size_of "$part")
    if [ "$have" -ge "$2" ]; then
      [ "$(digest <"$part")" != "$3" ] || return 0
      rm -f "$part"
      wrong=$((wrong + 1))
      say "parcel $1 has another digest than the plan says"
      [ "$wrong" -lt 3 ] || fail "parcel $1 has another digest than the plan says, $wrong times"
      continue
    fi
    ask -C "$have" -o "$part" "$TP_URL/parcel/$1" && continue
    if [ "$(size_of "$part")" -gt "$have" ]; then tries=0; else tries=$((tries + 1)); fi
    [ "$tries" -lt "$TP_TRIES" ] || fail "parcel $1 cannot be fetched: $(last_error)"
    say "parcel $1 goes on at byte $(size_of "$part"): $(last_error)"
    sleep "$TP_PAUSE"
  done
}

decode() {
  case $1 in
  raw) decoded=$part ;;
  xz)
    decoded=$part.raw
    xz -dc <"$part" >"$decoded" 2>>"$TP_WORK/errors" || fail "parcel $2 cannot be decoded: $(last_error)"
    ;;
  *) fail "parcel $2 is encoded as $1, which this installer does not know" ;;
  esac
}

# block size, where in the parcel, where on the disk, how many blocks
put() {
  sum=$(dd if="$decoded" bs="$1" skip="$2" count="$4" 2>/dev/null | digest)
  assert_there
  dd if="$decoded" of="$TP_DISK" bs="$1" skip="$2" seek="$3" count="$4" conv=notrunc 2>"$part.dd" ||
    fail "cannot write to $TP_DISK at block $3 of $1 bytes: $(cat "$part.dd")"
  echo "$1 $3 $4 $sum" >>"$written"
}

# Does the parcels of one worker: before the line 'last', or after it.
work() {
  number=-1 mine=no part= decoded= when=most
  written=$TP_WORK/written.$2.$1
  : >"$written"
  while read -r word a b c d <&3; do
    case $word in
    last) when=last mine=no ;;
    parcel)
      number=$((number + 1))
      [ -z "$part" ] || rm -f "$part" "$part.raw" "$part.dd"
      mine=no
      if [ "$when" = "$2" ] && { [ "$2" = last ] || [ $((number % TP_WORKERS)) -eq "$1" ]; }; then
        mine=yes part=$TP_WORK/parcel.$1
        pull "$number" "$b" "$c"
        decode "$a" "$number"
      fi
      ;;
    place) [ "$mine" = no ] || put "$a" "$b" "$c" "$d" ;;
    esac
  done 3<"$TP_WORK/plan"
  [ -z "$part" ] || rm -f "$part" "$part.raw" "$part.dd"
}

# Reads back from the medium what one worker has written.
check() {
  while read -r bs seek count sum <&3; do
    found=$(dd if="$TP_DISK" bs="$bs" skip="$seek" count="$count" 2>/dev/null | digest)
    [ "$found" = "$sum" ] || fail "$TP_DISK reads back something else than was written, at block $seek of $bs bytes"
  done 3<"$TP_WORK/written.$2.$1"
}

# Runs something once for each worker, at the same time.
everyone() {
  pids= bad=no worker=0
  while [ "$worker" -lt "$TP_WORKERS" ]; do
    "$1" "$worker" most &
    pids="$pids $!"
    worker=$((worker + 1))
  done
  for pid in $pids; do wait "$pid" || bad=yes; done
  [ "$bad" = no ] || exit 1
}

to_the_medium() {
  sync
  [ "$TP_DROP_CACHES" = no ] || echo 3 >/proc/sys/vm/drop_caches
}

attempt() {
  mkdir -p "$TP_WORK"
  rm -f "$TP_WORK"/*
  check_disk
  get_plan
  say "installing to $TP_DISK, $TP_DISK_BYTES bytes"
  doing writing
  keep_saying &
  if [ -n "$TP_DISCARD_FROM" ] && command -v blkdiscard >/dev/null; then
    blkdiscard -o "$TP_DISCARD_FROM" "$TP_DISK" 2>/dev/null || say "the disk discards nothing"
  fi
  everyone work
  to_the_medium
  say "reading back"
  doing checking
  everyone check
  check_disk
  work 0 last
  to_the_medium
  check 0 last
  clear_tables
  to_the_medium
  rm -f "$TP_WORK/doing"
}

attempts=0
until (attempt); do
  code=$?
  attempts=$((attempts + 1))
  if [ "$code" -eq 2 ] || [ "$attempts" -ge "$TP_ATTEMPTS" ]; then
    say "given up"
    report "gave-up $(cat "$TP_WORK/reason")"
    exit 1
  fi
  sleep "$TP_PAUSE"
done
say "done"
report "done"
`;
