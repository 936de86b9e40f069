/** Firmware versions a virtual board can behave as. */
export type BoardProfileName = 'bmcd-2.0.5' | 'bmcd-2.3.4' | 'bmcd-2.3.7';

/** What differs between firmware versions (bmc-api.md §12.1). */
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
}

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
  'bmcd-2.3.7': {
    name: 'bmcd-2.3.7',
    daemonVersion: '2.3.7',
    transfers23: true,
    identity235: true,
    uartDrains: false,
    uploadQueueChunks: 16,
  },
};

/** The behaviour of a firmware version. */
export function boardProfile(name: BoardProfileName): BoardProfile {
  return PROFILES[name];
}
