import type { ExplainedFamily } from './explanation.js';

/** What is asked of a Linux image, and what is found in it: `packages/linux`. */
export const SYSTEM_CODES: ExplainedFamily = {
  title: 'operating systems and settings',
  codes: {
    NETWORK_CIDR_INVALID: {
      means: 'an address has no usable prefix length',
      cure: 'write it as 192.168.1.101/24',
    },
    NETWORK_ADDRESS_INVALID: {
      means: 'not an address, or one that no host can have',
      cure: 'take a host address of your network',
    },
    NETWORK_ADDRESS_MISSING: {
      means: 'a node has neither an address nor DHCP',
      cure: 'give ipCidr, ip6Cidr or dhcp4',
    },
    NETWORK_GATEWAY_UNREACHABLE: {
      means: "the gateway is outside the node's network, or the node itself",
      cure: 'correct it or the prefix length; `onLink: true` where it is on the same wire',
    },
    NETWORK_DNS_INVALID: { means: 'a name server is no IP address', cure: 'give its address' },
    NETWORK_MAC_INVALID: {
      means: 'not a MAC address of an interface',
      cure: 'write it as d8:3a:dd:00:00:01',
    },
    NETWORK_MTU_INVALID: { means: 'an MTU that Ethernet does not have', cure: 'Ethernet uses 1500' },
    NETWORK_VLAN_INVALID: { means: 'a VLAN is not 1 to 4094', cure: 'take one of those' },
    NETWORK_INTERFACE_INVALID: {
      means: 'not a name of an interface, or one is needed',
      cure: 'give `interfaceName`, such as eth0 or end0',
    },
    NETWORK_DOMAIN_INVALID: { means: 'a search domain is no domain', cure: 'write it as lan or example.org' },
    NETWORK_STACK_UNKNOWN: {
      means: 'nothing in the image is known to configure its network',
      cure: 'take one with netplan, NetworkManager, systemd-networkd or ifupdown',
    },
    HOSTNAME_INVALID: { means: 'not a host name', cure: 'lower-case letters, digits and -, such as node1' },
    USERNAME_INVALID: {
      means: 'a name that the system refuses, or that is one of its own',
      cure: 'take one like ops or ubuntu',
    },
    PASSWORD_EMPTY: { means: 'the password is empty', cure: 'leave it out to allow keys only' },
    PASSWORD_INVALID: {
      means: 'a password that cannot be typed, or a hash that is none',
      cure: 'give one line of up to 256 bytes, or what `mkpasswd -m sha-512` prints',
    },
    TIMEZONE_INVALID: {
      means: 'no name of the time zone database',
      cure: 'write it as Europe/Berlin or Etc/UTC',
    },
    LOCALE_INVALID: { means: 'not a name of a locale', cure: 'write it as de_DE.UTF-8' },
    PACKAGE_NAME_INVALID: { means: 'not a name of a package', cure: 'names are like htop or python3-venv' },
    OS_UNKNOWN: {
      means: 'no Linux distribution was recognised in the image',
      cure: 'give an image of an installed system, not an installer',
    },
    OS_MISMATCH: {
      means: "the image holds another system than the node's `os`",
      cure: 'correct one of them; `--accept-image-mismatch` takes it all the same',
    },
    BOARD_MISMATCH: {
      means: 'the image was made for another board than the node; it would not boot',
      cure: "take an image for the node's board; `--accept-image-mismatch` takes it all the same",
    },
    EEPROM_TOO_OLD: {
      means: 'the boot loader of the module is too old for this image; nothing was changed',
      cure: 'update it as the hint says; `--accept-image-mismatch` takes the image all the same',
    },
    SEED_INVALID: {
      means: 'the cloud-init user-data in the image is no YAML',
      cure: 'repair the image, or remove its user-data',
    },
    ACCOUNT_FILE_INVALID: {
      means: 'the accounts of the image (/etc/passwd and its like) are missing or damaged',
      cure: 'give the root filesystem of an installed system',
    },
    UNIT_NOT_FOUND: {
      means: 'the image has no such systemd unit',
      cure: 'take an image in which the package that brings it is installed',
    },
    SSHD_CONTRADICTS: {
      means: 'the SSH server of the image would not let the user in as asked',
      cure: 'change the named file with `files`, or ask for what it allows',
    },
    SUDO_MISSING: {
      means: 'the image has no sudo, and a user other than root is to run commands as root',
      cure: 'add sudo to `packages`, or `user.name: root`',
    },
    FIRST_BOOT_CONTRADICTS: {
      means: 'something in the image would undo at the first boot what is asked for',
      cure: 'remove the named file, or start from a fresh image',
    },
  },
};
