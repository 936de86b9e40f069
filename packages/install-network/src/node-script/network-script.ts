import { shellText } from './shell-text.js';

/**
 * Brings up the module's own network port: sourced by the installer's init, with `TP_SYS` for `/sys` and `TP_BIN` before the
 * names of programs that a shell may have a lesser one of inside.
 *
 * @remarks With `TP_DHCP` a DHCP server is asked, by the base image's busybox and with `TP_LEASE` as its script; when that
 * fails, and else, the node has its configured address. The port is chosen by its place in the machine: another card must not win, whatever it is called. With `TP_VLAN` the
 * address is on that VLAN, as it will be on the node.
 */
export const NETWORK_SCRIPT = shellText`
# Prints the name of the interface.
find_interface() {
  found= others=0
  for entry in "$TP_SYS"/class/net/*; do
    [ -e "$entry/device" ] || continue
    case $(readlink -f "$entry/device") in
    */"$TP_NET_DEVICE")
      echo "\${entry##*/}"
      return 0
      ;;
    esac
    others=$((others + 1)) found=\${entry##*/}
  done
  # A kernel may know the port by another path; with one there is nothing to confuse.
  [ "$others" -eq 1 ] && [ "\${1:-}" = any ] && echo "$found"
}

# interface: waits until there is a link.
wait_for_link() {
  waited=0
  while [ "$(cat "$TP_SYS/class/net/$1/carrier" 2>/dev/null)" != 1 ]; do
    waited=$((waited + 1))
    [ "$waited" -lt "\${TP_LINK_SECONDS:=60}" ] || return 1
    sleep 1
  done
}

# interface: has an address of the network's DHCP server put on it.
ask_dhcp() {
  client=\${TP_BIN}busybox
  [ -x "$client" ] || client=busybox
  TP_IP=\${TP_BIN}ip "$client" udhcpc -i "$1" -f -q -n -t "\${TP_DHCP_TRIES:=10}" -T 3 -s "$TP_LEASE"
}

# interface
configure() {
  "\${TP_BIN}ip" link set dev "$1" up
  wait_for_link "$1" || echo "turingpi-installer: no link on $1"
  addressed=$1
  if [ -n "\${TP_VLAN:=}" ]; then
    addressed=vlan$TP_VLAN
    if ! "\${TP_BIN}ip" link show dev "$addressed" >/dev/null 2>&1 &&
      ! "\${TP_BIN}ip" link add link "$1" name "$addressed" type vlan id "$TP_VLAN"; then
      echo "turingpi-installer: failed: the kernel makes no VLAN $TP_VLAN on $1"
      return 1
    fi
    "\${TP_BIN}ip" link set dev "$addressed" up
  fi
  if [ -n "\${TP_DHCP:=}" ]; then
    ask_dhcp "$addressed" && return 0
    echo "turingpi-installer: no address by DHCP, so that $TP_ADDRESS is taken"
  fi
  "\${TP_BIN}ip" address replace "$TP_ADDRESS" dev "$addressed" || return 1
  "\${TP_BIN}ip" route replace default via "$TP_GATEWAY" dev "$addressed" $TP_ON_LINK || echo "turingpi-installer: no gateway"
}
`;
