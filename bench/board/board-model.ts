const GIB = 2 ** 30;

/** Speeds in MB/s and times in seconds, of a board with four modules of one type. */
export interface BoardFacts {
  readonly name: 'rk1' | 'cm4';
  /** Bytes of the image on the disk, and those of them that are in use. */
  readonly rawBytes: number;
  readonly usedBytes: number;
  readonly installerBytes: number;
  /** What reaches the controller from the network. */
  readonly controllerIn: number;
  /** What the controller writes to an eMMC over USB. */
  readonly usbWrite: number;
  /** For a module to show its eMMC on USB. */
  readonly bringUp: number;
  readonly nodePort: number;
  readonly hostPort: number;
  readonly emmcWrite: number;
  readonly emmcRead: number;
  /** From power to the installer's first request; from power to a system that answers. */
  readonly bootInstaller: number;
  readonly bootSystem: number;
}

/** Where each fact is from. */
export const SOURCES: readonly string[] = [
  'controller: 11.5 MB/s in (100 Mbit port); USB writes 7.5 MB/s (RK1), 3.3 MB/s (CM4): reports of users and vendors',
  'a module shows its eMMC 6.5 s (RK1) or 10 s (CM4) after it was asked to: read in the daemon',
  'ports of 1 Gbit, 110 MB/s net; the host has one of them, shared; eMMC 100 MB/s written, 200 MB/s read: data sheets',
  'boots: 12 s to the installer in QEMU, taken as 30 s; 40 s to a system: assumed',
  'everything in use travels as it is: compression, which makes it less, and decoding, which takes time, are left out',
];

const COMMON = {
  installerBytes: 72e6,
  controllerIn: 11.5,
  nodePort: 110,
  hostPort: 110,
  emmcWrite: 100,
  emmcRead: 200,
  bootInstaller: 30,
  bootSystem: 40,
};

export const RK1: BoardFacts = {
  ...COMMON,
  name: 'rk1',
  rawBytes: 3.2 * GIB,
  usedBytes: 1.1 * GIB,
  usbWrite: 7.5,
  bringUp: 6.5,
};

export const CM4: BoardFacts = {
  ...COMMON,
  name: 'cm4',
  rawBytes: 4.6 * GIB,
  usedBytes: 1.5 * GIB,
  usbWrite: 3.3,
  bringUp: 10,
};

const MB = 1e6;
const NODES = 4;

/** Seconds for one node through the controller, without its boot. */
export function modelOneFlash(facts: BoardFacts): number {
  return throughController(facts.rawBytes, facts);
}

/** Seconds for four nodes one after the other through the controller, and the boot of the last one. */
export function modelFlash(facts: BoardFacts): number {
  return NODES * modelOneFlash(facts) + facts.bootSystem;
}

/** Seconds for four installers through the controller, then all nodes at the same time. */
export function modelNetwork(facts: BoardFacts): number {
  const installers = NODES * throughController(facts.installerBytes, facts);
  const speed = Math.min(facts.nodePort, facts.hostPort / NODES, facts.emmcWrite);
  const pull = facts.usedBytes / MB / speed;
  const readBack = facts.usedBytes / MB / facts.emmcRead;
  return installers + facts.bootInstaller + pull + readBack + facts.bootSystem;
}

/** The controller writes as it receives; what it wrote it does not read back here, which favours the flash. */
function throughController(bytes: number, { controllerIn, usbWrite, bringUp }: BoardFacts): number {
  return bringUp + bytes / MB / Math.min(controllerIn, usbWrite);
}
