import { shellText } from './shell-text.js';

/** What busybox's DHCP client runs on the node when it has a lease, with `TP_IP` as the program `ip`. */
export const LEASE_SCRIPT = shellText`#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
"$TP_IP" address replace "$ip/$mask" dev "$interface"
echo "turingpi-installer: the address $ip/$mask by DHCP"
for gateway in $router; do
  "$TP_IP" route replace default via "$gateway" dev "$interface" && break
done
`;
