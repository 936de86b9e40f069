/** What the installer of one node is told. */
export interface InstallerSettings {
  /** Where the image server is, without a slash at the end. */
  readonly url: string;
  /** SHA-256 of the server's public key (SubjectPublicKeyInfo), in base64. */
  readonly publicKeyPin: string;
  /** Lets this node in, once. */
  readonly token: string;
  /** End of the path of the network port in `/sys`; see `ModuleHardware`. */
  readonly networkDevice: string;
  /** The address that the node will have anyway. */
  readonly address: {
    readonly ip: string;
    readonly prefixLength: number;
    readonly gateway: string;
    /** The gateway is on the same wire although it is in another network. */
    readonly onLink: boolean;
    /** A DHCP server of the network is asked first; the address above is taken when none answers. */
    readonly dhcp: boolean;
    /** The VLAN that the address is on (1-4094); undefined: untagged. */
    readonly vlan?: number | undefined;
  };
  readonly drivers: readonly string[];
  /** How many parcels are worked on at a time. */
  readonly workers: number;
  /** The disk that is written. */
  readonly target: 'emmc' | 'nvme';
}

/** How the installer recognises the disk that it was started from, which is the one that it writes. */
export interface DiskMark {
  /** Bytes that no other disk has. */
  readonly markOffset: number;
  readonly markBytes: number;
  /** SHA-256 of them, hex. */
  readonly markDigest: string;
  /** What of the disk the installer itself lies on; what is behind it may be discarded. */
  readonly installerBytes: number;
}

/** Characters that mean nothing to a shell inside single quotes, and nothing to curl's configuration. */
const PLAIN = /^[A-Za-z0-9+/=_.:@[\] -]*$/;

/**
 * Renders the settings that the installer's scripts read.
 *
 * @throws RangeError for a value that a shell would not read as it is meant.
 */
export function renderSettings(
  { url, networkDevice, address, drivers, workers, target }: InstallerSettings,
  disk: DiskMark,
): string {
  const values: readonly [string, string][] = [
    ['TP_URL', url],
    ['TP_NET_DEVICE', networkDevice],
    ['TP_ADDRESS', `${address.ip}/${address.prefixLength}`],
    ['TP_GATEWAY', address.gateway],
    ['TP_ON_LINK', address.onLink ? 'onlink' : ''],
    ['TP_DHCP', address.dhcp ? 'yes' : ''],
    ['TP_VLAN', address.vlan === undefined ? '' : String(address.vlan)],
    ['TP_DRIVERS', drivers.join(' ')],
    ['TP_WORKERS', String(workers)],
    ['TP_TARGET', target],
    ['TP_MARK_OFFSET', String(disk.markOffset)],
    ['TP_MARK_BYTES', String(disk.markBytes)],
    ['TP_MARK_DIGEST', disk.markDigest],
    ['TP_DISCARD_FROM', String(disk.installerBytes)],
  ];
  return values.map(([name, value]) => `${name}='${plain(value)}'\n`).join('');
}

/** Renders curl's configuration: who the server must be, and who is asking. It is not shown in the list of processes. */
export function renderCurlConfig({
  publicKeyPin,
  token,
}: Pick<InstallerSettings, 'publicKeyPin' | 'token'>): string {
  return [
    // The clock of the node is not set yet, so that no certificate would be valid: the key itself is what is trusted.
    'insecure',
    `pinnedpubkey = "sha256//${plain(publicKeyPin)}"`,
    `header = "Authorization: Bearer ${plain(token)}"`,
    'proto = "=https"',
    'noproxy = "*"',
    'silent',
    'show-error',
    'fail',
    'connect-timeout = 20', // a processor without its clock takes seconds to agree on keys
    'speed-limit = 1024',
    'speed-time = 20',
    '',
  ].join('\n');
}

function plain(value: string): string {
  if (!PLAIN.test(value)) throw new RangeError(`not a value for the installer: ${JSON.stringify(value)}`);
  return value;
}
