import type { BoardRevision } from '../hardware/board-hardware.js';
import type { BoardNumbers } from '../board/board-numbers.js';
import type { BoardProfile } from '../board/board-profile.js';

/** A partition of the BMC as `info` lists it; bytes. */
export interface BoardStorage {
  readonly name: string;
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** What the board says about itself; every value may be set, because real boards differ. */
export interface BoardIdentity {
  readonly hostname: string;
  /** PRETTY_NAME of os-release as `about` shows it. */
  readonly systemName: string;
  /** PRETTY_NAME as `other` shows it: with the literal quotes of os-release. */
  readonly quotedSystemName: string;
  /** VERSION of os-release. */
  readonly systemVersion: string;
  readonly buildTime: string;
  /** EEPROM field of 16 bytes, NUL padded; empty when unreadable. */
  readonly boardModel: string;
  readonly boardRevision: string;
  /** EEPROM field; only the fork's firmware tells it, null when it is empty. */
  readonly boardSerial: string | undefined;
  /** IPv4 address of br0 as `other` shows it. */
  readonly address: string;
  readonly mac: string;
  /** Addresses of all devices, one entry each. */
  readonly addresses: readonly { readonly device: string; readonly ip: string; readonly mac: string }[];
  readonly storage: readonly BoardStorage[];
  /** The microSD card; undefined when there is none. */
  readonly sdCard: { readonly totalBytes: number; readonly freeBytes: number } | undefined;
  readonly cooling: readonly { readonly device: string; readonly speed: number; readonly maxSpeed: number }[];
}

/** What a board tells about itself, by revision and firmware (docs/reference/bmc-protocol.md, "Information"). */
export function defaultIdentity(
  revision: BoardRevision,
  profile: BoardProfile,
  { mac, serial }: BoardNumbers,
): BoardIdentity {
  const address = '192.168.1.90';
  return {
    hostname: 'turingpi',
    systemName: 'Turing Pi v2.2.0',
    quotedSystemName: '"Turing Pi v2.2.0"',
    systemVersion: 'v2.2.0',
    buildTime: '2025-02-23 15:40:00-00:00',
    boardModel: profile.identity235 ? 'TuringPi2'.padEnd(16, '\0') : 'Turing Pi 2',
    boardRevision: profile.identity235 ? `${revision}.2` : revision.slice(1),
    boardSerial: serial,
    // bmcd 2.1 to 2.3.4 looks for eth0, which is called br0 on firmware 2.1.0: both read "Unknown".
    address: profile.transfers23 && !profile.identity235 ? 'Unknown' : address,
    mac: profile.transfers23 ? (profile.identity235 ? mac : 'Unknown') : `${mac}\n`,
    addresses: [{ device: 'br0', ip: address, mac }],
    storage: [{ name: 'BMC', totalBytes: 150_994_944, freeBytes: 120_000_000 }],
    sdCard: undefined,
    cooling: [{ device: 'system fan', speed: 3, maxSpeed: 6 }],
  };
}
