/**
 * What the container runs: POSIX sh with losetup, mount and either busybox or coreutils.
 *
 * @remarks
 * Nothing of the image is reached by its path. An operation goes to the directory and asks the kernel where it is then
 * (`/proc/self/cwd`): had any component been a symlink, that would be somewhere else. From there it uses one name, with
 * programs that do not follow a link at the end. Files are opened as descriptor 3, checked by asking the kernel what is
 * open (`/proc/self/fd/3`), and only then read, written or changed, through that descriptor.
 *
 * An operation that fails prints an error number's name or a program's message and exits with 1.
 */
export const CONTAINER_SCRIPT = String.raw`
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 077
fail() { printf '%s' "$1"; exit 1; }
there() { [ -e "$1" ] || [ -h "$1" ]; }
absent() {
  p=$1
  until there "$p"; do p=${'${p%/*}'}; done
  if [ -d "$p" ] && [ ! -h "$p" ]; then fail ENOENT; fi
  fail ENOTDIR
}
go() {
  cd -P "$1" 2>/dev/null || absent "$1"
  here=$(readlink -n /proc/self/cwd; echo .)
  [ "$here" = "$1." ] || fail ENOTDIR
}
hold() {
  exec 3<"./$2"
  held=$(readlink -n /proc/self/fd/3; echo .)
  if [ "$2" = . ]; then [ "$held" = "$1." ] || fail ELOOP
  else [ "$held" = "$1/$2." ] || fail ELOOP; fi
}
regular() {
  [ ! -h "./$1" ] || fail EUNSUPPORTED
  [ ! -d "./$1" ] || fail EISDIR
  [ -e "./$1" ] || fail ENOENT
  [ -f "./$1" ] || fail EUNSUPPORTED
}
touched() { touch -d "@$1" .; }
set_held() {
  if [ "$2" != - ]; then
    keep=$1
    [ "$keep" != - ] || keep=$(stat -L -c %a /proc/self/fd/3)
    chown "$2:$3" /proc/self/fd/3
    chmod "$keep" /proc/self/fd/3
  elif [ "$1" != - ]; then chmod "$1" /proc/self/fd/3; fi
  if [ "$4" != - ]; then touch -d "@$4" /proc/self/fd/3; fi
}
op_lstat() { go "$1"; there "./$2" || fail ENOENT; stat -c '%f %u %g %s %Y %h %i' "./$2"; }
op_list() {
  go "$1"
  there "./$2" || fail ENOENT
  [ ! -h "./$2" ] && [ -d "./$2" ] || fail ENOTDIR
  if [ "$2" != . ]; then go "$1/$2"; fi
  set +f
  for e in * .[!.]* ..?*; do
    if [ -h "./$e" ]; then t=l
    elif [ -f "./$e" ]; then t=f
    elif [ -d "./$e" ]; then t=d
    elif [ -c "./$e" ]; then t=c
    elif [ -b "./$e" ]; then t=b
    elif [ -p "./$e" ]; then t=p
    elif [ -S "./$e" ]; then t=s
    else continue; fi
    printf '%s%s\0' "$t" "$e"
  done
}
op_readlink() { go "$1"; there "./$2" || fail ENOENT; [ -h "./$2" ] || fail EUNSUPPORTED; readlink -n "./$2"; }
op_read() { go "$1"; regular "$2"; hold "$1" "$2"; cat <&3; }
op_write() {
  incoming=/work/incoming
  head -c "$3" >"$incoming"
  [ "$(stat -c %s "$incoming")" = "$3" ] || fail ESHORT
  go "$1"
  new=
  if there "./$2"; then regular "$2"
  elif [ "$4" = append ]; then fail ENOENT
  else
    (set -C; : >"./$2") || exit 1
    new=1
  fi
  hold "$1" "$2"
  if [ "$4" = append ]; then
    size=$(stat -L -c %s /proc/self/fd/3)
    cat "$incoming" >>/proc/self/fd/3 || { truncate -s "$size" /proc/self/fd/3; exit 1; }
  else
    cat "$incoming" >/proc/self/fd/3 || { [ -z "$new" ] || rm -f "./$2"; exit 1; }
  fi
  rm -f "$incoming"
  if [ -n "$new" ]; then set_held "$5" "$6" "$7" "$8"; touched "$9"
  else shift 9; set_held "$1" "$2" "$3" "$4"; fi
}
op_set() {
  go "$1"
  there "./$2" || fail ENOENT
  if [ -h "./$2" ]; then
    [ "$4" = - ] || chown -h "$4:$5" "./$2"
    [ "$6" = - ] || touch -h -d "@$6" "./$2"
  elif [ -f "./$2" ] || [ -d "./$2" ]; then
    hold "$1" "$2"
    set_held "$3" "$4" "$5" "$6"
  else
    [ "$4" = - ] || chown -h "$4:$5" "./$2"
    [ "$3" = - ] || chmod "$3" "./$2"
    [ "$6" = - ] || touch -h -d "@$6" "./$2"
  fi
}
op_mkdir() { go "$1"; ! there "./$2" || fail EEXIST; mkdir -m 0755 "./$2" && touched "$3"; }
op_symlink() { go "$1"; ! there "./$2" || fail EEXIST; ln -s -n -- "$3" "./$2" && touched "$4"; }
op_link() {
  go "$1"
  there "./$2" || fail ENOENT
  if [ -d "./$2" ] && [ ! -h "./$2" ]; then kind=directory; else kind=; fi
  exec 4<.
  go "$3"
  ! there "./$4" || fail EEXIST
  [ -z "$kind" ] || fail EISDIR
  ln -n "/proc/self/fd/4/$2" "./$4" && touched "$5"
}
op_rename() {
  go "$1"
  from=/proc/self/fd/4/$2
  exec 4<.
  there "$from" || fail ENOENT
  go "$3"
  if there "./$4"; then
    if [ -d "./$4" ] && [ ! -h "./$4" ]; then
      if [ -h "$from" ] || [ ! -d "$from" ]; then fail EISDIR; fi
      [ ! "$from" -ef "./$4" ] || exit 0
      rmdir "./$4" || exit 1
    elif [ -d "$from" ] && [ ! -h "$from" ]; then fail ENOTDIR
    elif [ ! -h "$from" ] && [ ! -h "./$4" ] && [ "$from" -ef "./$4" ]; then exit 0
    else rm -f "./$4" || exit 1; fi
  fi
  mv -f "$from" "./$4" || exit 1
  touched "$5"
  cd -P /proc/self/fd/4 && touched "$5"
}
op_remove() {
  go "$1"
  there "./$2" || fail ENOENT
  if [ -d "./$2" ] && [ ! -h "./$2" ]; then rmdir "./$2"; else rm -f "./$2"; fi || exit 1
  touched "$3"
}
op_usage() { stat -f -c '%S %b %f %c %d' "$1"; }
attach() {
  if losetup --help 2>&1 | grep -q sizelimit; then
    device=$(losetup --find --show --offset "$2" --sizelimit "$3" "$1") || exit 1
    return
  fi
  for try in 1 2 3 4 5 6 7 8; do
    device=$(losetup -f) && losetup -o "$2" "$device" "$1" 2>/dev/null && return
    sleep 1
  done
  fail 'there is no free loop device'
}
op_mount() {
  attach /work/disk.img "$2" "$3"
  if command -v e2fsck >/dev/null; then
    report=$(e2fsck -p "$device" 2>&1)
    [ $(($? & ~3)) = 0 ] || { losetup -d "$device"; printf 'EUCLEAN %s' "$report"; exit 1; }
  fi
  options=rw,nodev,nosuid,noexec,noatime,errors=remount-ro
  mount -t ext4 -o "$options,nosymfollow" "$device" "$1" 2>/dev/null ||
    mount -t ext4 -o "$options" "$device" "$1" || { losetup -d "$device"; exit 1; }
  losetup -d "$device"
}
op_unmount() {
  for try in 1 2 3 4 5 6 7 8; do
    message=$(umount "$1" 2>&1) && exit 0
    sleep 1
  done
  fail "$message"
}
op_check() {
  command -v e2fsck >/dev/null || fail ENOTOOL
  attach /work/disk.img "$1" "$2"
  e2fsck -f -n "$device" >/output/check.log 2>&1
  status=$?
  losetup -d "$device"
  [ "$status" = 0 ] || { cat /output/check.log; exit 1; }
}
serve() {
  set -f
  while IFS= read -r line; do
    set -- $line
    op=$1
    shift
    count=$#
    while [ "$count" -gt 0 ]; do
      decoded=$(printf '%b.' "${'${1#=}'}")
      shift
      set -- "$@" "${'${decoded%.}'}"
      count=$((count - 1))
    done
    {
      ("op_$op" "$@") 2>/work/message
      status=$?
      [ "$status" = 0 ] || cat /work/message
      printf '\n%s' "$status"
    } </dev/null | base64 | tr -d '\n'
    echo
  done
}
`;
