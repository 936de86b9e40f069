/** Firmware versions a virtual board can behave as. */
export type BoardProfileName =
  'bmcd-2.0.5' | 'bmcd-2.3.4' | 'bmcd-2.3.7' | 'hive-2.29' | 'hive-2.38' | 'pr258';

/**
 * What the maintained fork of the firmware does otherwise (docs/reference/bmc-protocol.md, "Fork: identity" and on); it
 * has no `/info` on port 80.
 */
export interface ForkTraits {
  /** `VERSION` of its os-release. */
  readonly firmwareVersion: string;
  /** Serves nothing but the change of the password while that of `root` is the one it was shipped with (2.37.0). */
  readonly factoryGate: boolean;
  /** `/api/bmc/access` (2.36.0) and `/api/bmc/tls/certificate` (2.37.0). */
  readonly accessAndTls: boolean;
  /** Routes of the flash family answer with their status and the envelope (2.36.1). */
  readonly statusInEnvelope: boolean;
  /** A port of a v2.5 board's hub: with its bus, which makes every RK1 refused, or without (2.33.0). */
  readonly hubPort: 'with bus' | 'without bus';
  /** A new board's certificate: RSA as upstream's, or P-384 with the board's names (firmware v2.24.0). */
  readonly certificate: 'rsa' | 'p384';
  /** Lists the files on the microSD card (2.34.0). */
  readonly sdCardFiles: boolean;
}

/** What differs between firmware versions (docs/reference/bmc-protocol.md, "Versions"). */
export interface BoardProfile {
  readonly name: BoardProfileName;
  /** The daemon's own version. */
  readonly daemonVersion: string;
  /** 2.3.0 and later: xz by name, sha256, skip_crc, URL sources, node_info, usb_node1, cooling, serial status. */
  readonly transfers23: boolean;
  /** 2.3.5 and later: version from os-release, bmcd_version, EEPROM board fields, addresses of br0. */
  readonly identity235: boolean;
  /** Reading a UART empties its buffer. */
  readonly uartDrains: boolean;
  /** Chunks an upload may be ahead of its worker. */
  readonly uploadQueueChunks: number;
  /** Port 80 takes connections and never answers: how a firewall that drops them looks from here. */
  readonly port80Silent?: boolean;
  /** Set for the fork, from 2.4.0 on. */
  readonly fork?: ForkTraits;
}

const UPSTREAM_LATEST = {
  daemonVersion: '2.3.7',
  transfers23: true,
  identity235: true,
  uartDrains: false,
  uploadQueueChunks: 16,
} as const;

const PROFILES: Readonly<Record<BoardProfileName, BoardProfile>> = {
  'bmcd-2.0.5': {
    name: 'bmcd-2.0.5',
    daemonVersion: '2.0.5',
    transfers23: false,
    identity235: false,
    uartDrains: true,
    uploadQueueChunks: 256,
  },
  'bmcd-2.3.4': {
    name: 'bmcd-2.3.4',
    daemonVersion: '2.3.4',
    transfers23: true,
    identity235: false,
    uartDrains: false,
    uploadQueueChunks: 16,
  },
  'bmcd-2.3.7': { ...UPSTREAM_LATEST, name: 'bmcd-2.3.7' },
  'hive-2.29': {
    ...UPSTREAM_LATEST,
    name: 'hive-2.29',
    daemonVersion: '2.29.0',
    fork: {
      firmwareVersion: 'v2.20.0',
      factoryGate: false,
      accessAndTls: false,
      statusInEnvelope: false,
      hubPort: 'with bus',
      certificate: 'rsa',
      sdCardFiles: false,
    },
  },
  'hive-2.38': {
    ...UPSTREAM_LATEST,
    name: 'hive-2.38',
    daemonVersion: '2.38.4',
    fork: {
      firmwareVersion: 'v2.42.0',
      factoryGate: true,
      accessAndTls: true,
      statusInEnvelope: true,
      hubPort: 'without bus',
      certificate: 'p384',
      sdCardFiles: true,
    },
  },
  // Upstream's daemon behind the firewall of turing-machines/BMC-Firmware#258.
  pr258: { ...UPSTREAM_LATEST, name: 'pr258', port80Silent: true },
};

/** The behaviour of a firmware version. */
export function boardProfile(name: BoardProfileName): BoardProfile {
  return PROFILES[name];
}
