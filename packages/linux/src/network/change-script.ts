import type { NetworkStackState } from '../detection/detected-image.js';

/** Where changes of the network are prepared and decided, on the node; for root alone. */
export const CHANGE_DIRECTORY = '/var/lib/turingpi/network';
export const CHANGE_SCRIPT = `${CHANGE_DIRECTORY}/change.sh`;
/** Takes a network that is undecided back before any is set up: after a restart nobody is waiting for it. */
export const REVERT_UNIT = 'turingpi-network-revert.service';
/** Unit of the process that takes a network: one at a time. */
export const CHANGE_UNIT = 'turingpi-network-change';
/** Unit of the timer, and of what it does. */
const TIMER_UNIT = 'turingpi-network-timer';

/** What makes the program in charge of the network take its files: before they change, and after. */
interface Activation {
  readonly before?: string;
  readonly after: string;
  /** At a start, before the program in charge runs. */
  readonly boot?: string;
}

const ACTIVATIONS: Readonly<Record<Exclude<NetworkStackState['stack'], 'unknown'>, Activation>> = {
  netplan: { after: 'netplan apply', boot: 'netplan generate' },
  'systemd-networkd': { after: 'networkctl reload || systemctl restart systemd-networkd' },
  // What is up keeps the profile that it was brought up with; a restart takes profiles as they are now.
  'network-manager': {
    after:
      'nmcli connection reload && { nmcli --wait 20 connection up turingpi || systemctl restart NetworkManager; }',
  },
  // ifdown takes away what the file says: it must be the one that ifup read.
  ifupdown: { before: 'ifdown -a --exclude=lo --force || :', after: 'ifup -a' },
};

/** Undoes what is undecided when the node starts. `%` has a meaning in units; there is none here. */
export const REVERT_UNIT_TEXT = `[Unit]
Description=Take back a network that nobody has confirmed
DefaultDependencies=no
RequiresMountsFor=${CHANGE_DIRECTORY}
After=local-fs.target systemd-remount-fs.service
Before=network-pre.target systemd-networkd.service NetworkManager.service networking.service
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=/bin/sh ${CHANGE_SCRIPT} boot

[Install]
WantedBy=sysinit.target
`;

/**
 * The program that changes the network of a node on its own.
 *
 * @remarks A change is a directory, and what becomes of it is decided by renaming that: \`staged-ID\` is prepared,
 * \`pending-ID\` is undecided, \`reverting-ID\` and \`kept-ID\` are decided. Who keeps and who takes back rename the same
 * directory, and one of them succeeds. It holds \`paths\`, the files as they are to be (\`new\`) and as they were (\`old\`).
 */
export function renderChangeScript(stack: Exclude<NetworkStackState['stack'], 'unknown'>): string {
  const { before = ':', after, boot = ':' } = ACTIVATIONS[stack];
  return `#!/bin/sh
# Written by turingpi: changes the network, and takes it back unless somebody keeps it.
set -u
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cd ${CHANGE_DIRECTORY} || exit 1
units=/etc/systemd/system

activate() { ${after}; }

# What was written is on the disk: of other filesystems there may be a lot that is not.
flush() { sync -f /etc .; }

# Who lately spoke with the node, as is known before the change, may believe for most of a minute that its address is still
# another machine's. A question of the node tells them: it is sent a few times, as an address is there only some time after
# it was asked for.
announce() {
  others=$(cut -d' ' -f1 others | head -n 64)
  for _ in 1 2 3 4; do
    ip -4 neigh flush all 2>/dev/null
    for other in $others; do
      { ping -c 1 -W 1 "$other" || bash -c 'echo >"/dev/udp/$0/9"' "$other"; } >/dev/null 2>&1 &
    done
    sleep 1
  done
  wait
}

announce_later() { systemd-run --quiet --collect --no-block /bin/sh ${CHANGE_SCRIPT} announce; }

# A file beside another, in whose place it is to be: where there is no room for its content, by a second name of it.
put_beside() { cp -a "$1" "$2" 2>/dev/null || { rm -f "$2"; cp -al "$1" "$2"; }; }

# Makes the files be as they are below a directory; each is whole at any time.
place() {
  while IFS= read -r path; do
    if [ -e "$1/$2$path" ] || [ -L "$1/$2$path" ]; then
      beside="$(dirname "$path")/.$(basename "$path").turingpi"
      mkdir -p -m 755 "$(dirname "$path")" && put_beside "$1/$2$path" "$beside" && mv -fT "$beside" "$path" || return 1
    else
      rm -f "$path" || return 1
    fi
  done <"$1/paths"
  flush
}

save() {
  rm -rf "$1/old" && mkdir "$1/old" || return 1
  while IFS= read -r path; do
    if [ -e "$path" ] || [ -L "$path" ]; then
      mkdir -p "$1/old$(dirname "$path")" && cp -a "$path" "$1/old$path" || return 1
    fi
  done <"$1/paths"
}

one() { for found in "$1"-*; do [ -d "$found" ] && printf %s "$found" && return; done; return 1; }

arm() {
  # What has taken back an earlier change may be about to end; it must not take away what is put there now.
  systemctl stop ${TIMER_UNIT}.timer ${TIMER_UNIT}.service 2>/dev/null
  systemctl reset-failed ${TIMER_UNIT}.service 2>/dev/null
  cp "\${1}/unit" $units/${REVERT_UNIT} && chmod 644 $units/${REVERT_UNIT} || return 1
  mkdir -p -m 755 $units/sysinit.target.wants || return 1
  ln -sfn ../${REVERT_UNIT} $units/sysinit.target.wants/${REVERT_UNIT} || return 1
  for _ in 1 2 3 4 5; do # a unit that has ended may be known for a moment
    systemd-run --quiet --collect --unit=${TIMER_UNIT} --on-active="$2" --timer-property=AccuracySec=500ms \\
      /bin/sh ${CHANGE_SCRIPT} revert && return
    sleep 1
  done
  return 1
}

finish() {
  rm -f $units/sysinit.target.wants/${REVERT_UNIT} $units/${REVERT_UNIT}
  rm -rf "$1"
  flush
}

case \${1:-} in
  take) # ID SECONDS
    sleep 1 # the answer to who asked for it is on its way
    one pending >/dev/null && exit 1
    one reverting >/dev/null && exit 1
    rm -rf kept-*
    for other in staged-*; do [ "$other" = "staged-$2" ] || rm -rf "$other"; done
    { save "staged-$2" && arm "staged-$2" "$3"; } 2>complaint || exit 1
    ip -4 neigh show >others
    flush
    mv -T "staged-$2" "pending-$2" || exit 1
    ${before}
    if place "pending-$2" new && activate 2>complaint; then
      rm -f complaint
      : >"pending-$2/taken" 2>/dev/null # it may be taken back by now
      announce_later
    else
      systemctl start --no-block ${TIMER_UNIT}.service
    fi
    ;;
  keep) # ID: 0 kept, 3 not taken yet, 4 taken back
    [ -d "kept-$2" ] || [ "$(cat kept 2>/dev/null)" = "$2" ] && exit 0
    [ -d "staged-$2" ] && exit 3
    [ -d "pending-$2" ] || exit 4
    [ -e "pending-$2/taken" ] || exit 3
    mv -T "pending-$2" "kept-$2" 2>/dev/null || exit 4
    printf %s "$2" >kept
    flush
    systemctl stop ${TIMER_UNIT}.timer 2>/dev/null
    finish "kept-$2"
    ;;
  undecided) # 0 undecided, 1 not
    one pending >/dev/null || one reverting >/dev/null || systemctl is-active --quiet ${CHANGE_UNIT}.service
    ;;
  give-up) # as the timer does when its time is over
    systemctl start --no-block ${TIMER_UNIT}.service 2>/dev/null || \\
      systemd-run --quiet --collect --no-block /bin/sh ${CHANGE_SCRIPT} revert
    ;;
  announce) announce ;;
  revert | boot)
    exec 9>lock
    flock 9
    if found=$(one pending); then mv -T "$found" "reverting-\${found#pending-}" 2>/dev/null; fi
    if found=$(one reverting); then
      if [ "$1" = boot ]; then
        place "$found" old && { ${boot}; finish "$found"; }
      else
        systemctl stop ${CHANGE_UNIT}.service 2>/dev/null
        ${before}
        # Whatever becomes of the files, the node is not left without a network: the next run gives up the rest.
        place "$found" old
        placed=$?
        activate
        [ "$placed" = 0 ] && { finish "$found"; announce_later; }
      fi
    elif ! one pending >/dev/null; then
      rm -f $units/sysinit.target.wants/${REVERT_UNIT} $units/${REVERT_UNIT}
    fi
    ;;
  *) exit 2 ;;
esac
`;
}
