import type { BoardIdentity } from '../api/board-identity.js';
import type { BoardRevision } from '../hardware/board-hardware.js';
import type { ForeignClients, JudgeOptions } from '../judge/board-judge.js';
import type { BootDepth, NodeMachine, NodeMachineOptions, NodeNetwork } from '@turingpi/virtual-node';

import type { BoardClockOptions } from './board-clock.js';
import type { BoardFaults } from './board-faults.js';
import type { BoardProfileName } from './board-profile.js';

/** What is in a slot of a virtual board. */
export interface VirtualNodeOptions {
  /** Board type; undefined leaves the slot empty. */
  readonly board: 'rk1' | 'cm4' | undefined;
  /** Serial number of the module; default is one of its own for each slot of a board. */
  readonly serial?: string;
  /** Port of the node's SSH; 0 or undefined picks a free one. */
  readonly sshPort?: number;
  /** With `boot: 'qemu'`: IPv4 address that the flashed system will use; default is what DHCP gives it. */
  readonly address?: string;
}

/** Makes the computer of a slot. */
export type MachineFactory = (options: NodeMachineOptions) => Promise<NodeMachine>;

/** How a virtual board is made. Sizes in bytes, speeds in real bytes per real second. */
export interface VirtualBoardOptions {
  /** Address to listen on, default `127.0.0.1`. */
  readonly host?: string;
  /** HTTPS port; 0 (default) picks a free one. */
  readonly port?: number;
  /** Port of the redirecting HTTP server; 0 (default) picks a free one, `off` leaves it out. */
  readonly httpPort?: number | 'off';
  /** Port of `/metrics`, which only the fork's profiles have; 0 (default) picks a free one, `off` leaves it out. */
  readonly metricsPort?: number | 'off';
  /** Slots 1 to 4; missing ones are empty. Default: four RK1. */
  readonly nodes?: readonly VirtualNodeOptions[];
  /** Keeps certificate, settings and `node1.emmc`… between runs; default is a temporary directory, removed at the end. */
  readonly dir?: string;
  /** Default `root` and `turing`. */
  readonly username?: string;
  readonly password?: string;
  /** Accounts besides the one above, by name. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Who of the clients is not judged: names of accounts, or everyone. Default: nobody. */
  readonly foreign?: ForeignClients;
  /**
   * Judges what clients do to nodes: disks are only written with an approved erasure, power is only cut from nodes that
   * were named. Default: by the ledger in `TURINGPI_ERASE_LEDGER`, if that is set; what is found is in `findings`, and in
   * the file of `TURINGPI_BOARD_FINDINGS`.
   */
  readonly judge?: JudgeOptions;
  /** Firmware to behave as, default `bmcd-2.3.7`. */
  readonly profile?: BoardProfileName;
  /** MAC address of the BMC; default is one of its own for each board, kept in `dir`. */
  readonly mac?: string;
  /** Serial number in the board's EEPROM, which the fork's profiles tell; default is one of its own, kept in `dir`. */
  readonly boardSerial?: string;
  /** Default `v2.5`. */
  readonly boardRevision?: BoardRevision;
  /** How real the nodes are, default `shell`; `qemu` boots x86-64 images in QEMU, which must be installed. */
  readonly boot?: BootDepth;
  /** With `boot: 'shell'`: see `ShellMachineOptions`. */
  readonly installerScript?: string;
  /** With `boot: 'qemu'`: the network around each node. */
  readonly nodeNetwork?: NodeNetwork;
  /** Makes the nodes' machines; default by `boot`. */
  readonly createMachine?: MachineFactory;
  readonly faults?: BoardFaults;
  readonly clock?: BoardClockOptions;
  /** Milliseconds of board time a module takes to show its eMMC on USB, default 6500 (RK1) and 10000 (CM4). */
  readonly bringUpMs?: number;
  /** Size of each eMMC, default 8 GiB; the files are sparse. */
  readonly emmcSizeBytes?: number;
  /** Speed of eMMC writes; read-back is twice as fast. Default: as fast as the disk. */
  readonly emmcBytesPerSecond?: number;
  /** Speed at which uploads arrive. Default: as fast as they come. */
  readonly networkBytesPerSecond?: number;
  /** What an xz decoder may use, default 50 MiB. */
  readonly memoryLimitBytes?: number;
  /** Whether loopback clients must log in and wait for the global lock like others. Default true: everyone is loopback here. */
  readonly treatLoopbackAsRemote?: boolean;
  /** Seconds a token lives without use, default 10800. */
  readonly tokenSeconds?: number;
  /** Whether `reboot` and `reload` take the board down for a while, default true; false only acknowledges them. */
  readonly simulateRestarts?: boolean;
  /** What the board says about itself. */
  readonly identity?: Partial<BoardIdentity>;
  /** RSA size of a certificate made now, default 2048, which is the least; the real board has 4096. */
  readonly certificateBits?: number;
}
