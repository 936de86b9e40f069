import { TuringPiError } from '@turingpi/foundation';

/** Everything that can be wrong with what is asked of a Linux node, or with the image it is asked of. */
export type LinuxErrorCode =
  // what was asked for
  | 'NETWORK_CIDR_INVALID'
  | 'NETWORK_ADDRESS_INVALID'
  | 'NETWORK_ADDRESS_MISSING'
  | 'NETWORK_GATEWAY_UNREACHABLE'
  | 'NETWORK_DNS_INVALID'
  | 'NETWORK_MAC_INVALID'
  | 'NETWORK_MTU_INVALID'
  | 'NETWORK_VLAN_INVALID'
  | 'NETWORK_INTERFACE_INVALID'
  | 'NETWORK_DOMAIN_INVALID'
  | 'HOSTNAME_INVALID'
  | 'USERNAME_INVALID'
  | 'PASSWORD_EMPTY'
  | 'PASSWORD_INVALID'
  | 'TIMEZONE_INVALID'
  | 'LOCALE_INVALID'
  | 'PACKAGE_NAME_INVALID'
  // the image
  | 'OS_UNKNOWN'
  | 'OS_MISMATCH'
  | 'BOARD_MISMATCH'
  | 'EEPROM_TOO_OLD'
  | 'NETWORK_STACK_UNKNOWN'
  | 'SEED_INVALID'
  | 'ACCOUNT_FILE_INVALID'
  | 'UNIT_NOT_FOUND'
  | 'SSHD_CONTRADICTS'
  | 'SUDO_MISSING'
  | 'FIRST_BOOT_CONTRADICTS'
  // the node
  | 'BOOT_TIMEOUT'
  | 'BOOT_FAILED'
  | 'FIRST_BOOT_FAILED'
  | 'ADOPTION_REFUSED'
  | 'FIRST_LOGIN_FAILED'
  | 'ACCOUNTS_UNREADABLE'
  | 'USER_NOT_FOUND'
  | 'HOME_UNSAFE'
  | 'SUDOERS_INVALID'
  | 'SYSCTL_UNKNOWN'
  | 'MOUNT_TAKEN'
  | 'DISK_NOT_EMPTY'
  | 'DISK_UNREADABLE';

/** What was asked of a Linux node cannot be, or an image or node is not as it must be. */
export class LinuxError extends TuringPiError<LinuxErrorCode> {}
