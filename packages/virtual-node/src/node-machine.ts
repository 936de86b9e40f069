/** How real the nodes of a virtual board are once powered on. */
export type BootDepth = 'none' | 'shell' | 'qemu';

/** What a machine is made of. */
export interface NodeMachineOptions {
  /** Slot, counted from one. */
  readonly slot: 1 | 2 | 3 | 4;
  /** Board type in the slot, for example `rk1`. */
  readonly boardType: string;
  /** The raw file that is this node's eMMC. It may be empty or hold no bootable image. */
  readonly emmcPath: string;
  /** Bytes that the eMMC holds; the file is shorter while its end was never written. */
  readonly emmcSizeBytes?: number;
  /** IPv4 address that the flashed system will use. Only machines with a real network need to know it. */
  readonly address?: string;
  /** Where the node's SSH is reachable from this machine; port 0 picks a free one. */
  readonly ssh: { readonly host: string; readonly port: number };
  /** Serial number of the module, as its device tree tells it; undefined where it has none. */
  readonly moduleSerial?: string;
  /** Called with every piece of serial console output; goes into the board's UART ring. */
  readonly onConsole: (text: string) => void;
}

/**
 * The computer in a slot of the virtual board: it boots from its eMMC file when powered on.
 *
 * @remarks The board decides about power and USB boot; a machine only knows running or not.
 */
export interface NodeMachine extends AsyncDisposable {
  /** Where SSH answers while the node is up; known (and reserved) from creation on. */
  readonly ssh: { readonly host: string; readonly port: number };
  /** The programs that run on it at this moment, each with its arguments; undefined where that cannot be told. */
  readonly processes?: readonly string[];
  /** Boots from the eMMC. Never throws for what is on it: a node without a usable system says so on its console. */
  powerOn(): Promise<void>;
  /** Cuts the power: connections break, unsynced writes of the node may be lost as on hardware. */
  powerOff(): Promise<void>;
  /** A line typed on the serial console, with its line end. */
  sendConsole(data: string): void;
}
