import { BmcError } from '../errors/bmc-error.js';
import type { BoardApi } from '../api/board-api.js';
import type { CallOptions } from '../session/call-options.js';

/**
 * The firmware generations whose behaviour is known (docs/reference/bmc-protocol.md, "Versions"); `fork` is the
 * maintained one, whose daemon is 2.4 or newer: the vendor's never went past 2.3.7
 * (docs/reference/bmc-protocol.md, "Fork: identity").
 */
export type VersionProfile = '2.0.5' | '2.3.4' | '2.3.7' | 'fork' | 'unknown';

/** What the firmware of a board can do. */
export interface BmcCapabilities {
  /** Version of the daemon, for example `2.3.4`. */
  readonly bmcdVersion: string | undefined;
  readonly profile: VersionProfile;
  /** Decompresses uploads whose name ends in `.xz`, and checks their SHA-256. */
  readonly decodesXz: boolean;
  readonly checksSha256: boolean;
  readonly flashesFromUrl: boolean;
  /** Reading a console leaves its buffer as it is. */
  readonly consoleKeepsHistory: boolean;
  /**
   * On boards with a hub, takes a module only from the port of its own slot (2.33 and newer). That port and slot belong
   * together is what the fork read from the device tree, and says itself to be unproven with two modules in USB boot.
   */
  readonly flashTargetsPort: boolean;
  readonly cooling: boolean;
  readonly nodeNotes: boolean;
  /** Numbers of the USB modes are those of 2.0.4 and newer. */
  readonly currentUsbModes: boolean;
  /** A fan's step can be held; without that the kernel takes it back within seconds. */
  readonly holdsCooling: boolean;
  /** Tells which firmware runs, was before, and waits for the next boot. */
  readonly firmwareSlots: boolean;
  /** Lists the files on the microSD card. */
  readonly sdCardFiles: boolean;
  /** Opens a console as a live terminal; the vendor's daemon blocks for 30 s instead. */
  readonly liveConsole: boolean;
  /** Its password can be changed over the API. */
  readonly changesPassword: boolean;
  /** A restart of the daemon leaves nodes that are on as they are. */
  readonly keepsNodesOn: boolean;
  /** On boards with a hub it refuses every RK1, since it compares numbers of two buses (2.22 to 2.32). */
  readonly refusesRk1OnHub: boolean;
}

/** Finds out what a firmware can do (docs/reference/bmc-protocol.md, "Telling versions apart"). */
export async function detectCapabilities(board: BoardApi, options: CallOptions): Promise<BmcCapabilities> {
  let text: string | undefined;
  try {
    const about = await board.about(options);
    // Without the first, the second is the daemon's up to 2.3.4 and that of something else from there on.
    text = about.bmcdVersion ?? (isDaemonVersion(about.version) ? about.version : undefined);
  } catch (cause) {
    if (!BmcError.hasCode(cause, 'BMC_NOT_SUPPORTED', 'BMC_REQUEST_REFUSED')) throw cause;
    text = (await board.other(options)).version ?? '2.0.1'; // `about` came with 2.0.2
  }
  const version = parseVersion(text);
  if (version) return capabilitiesOf(version);
  // A version we cannot read: this call came with the same release as the features that matter.
  const modern = await board.nodeNotes(options).then(
    () => true,
    (cause: unknown) => {
      if (BmcError.hasCode(cause, 'BMC_NOT_SUPPORTED', 'BMC_REQUEST_REFUSED')) return false;
      throw cause;
    },
  );
  return { ...capabilitiesOf(modern ? [2, 3, 0] : [2, 0, 4]), bmcdVersion: undefined, profile: 'unknown' };
}

type Version = readonly [number, number, number];

function parseVersion(text: string | undefined): Version | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(text ?? '') ?? [];
  // The daemon has never been at another major version: other numbers are those of something else.
  return major === '2' ? [2, Number(minor), Number(patch)] : undefined;
}

function isDaemonVersion(text: string | undefined): boolean {
  const [, minor = Infinity] = parseVersion(text) ?? [];
  return minor <= 3;
}

function capabilitiesOf([major, minor, patch]: Version): BmcCapabilities {
  const modern = minor >= 3;
  /** From this minor version of the fork on. */
  const since = (first: number) => minor >= first;
  return {
    bmcdVersion: `${major}.${minor}.${patch}`,
    profile: modern
      ? minor === 3
        ? patch >= 5
          ? '2.3.7'
          : '2.3.4'
        : 'fork'
      : minor === 0
        ? '2.0.5'
        : 'unknown',
    decodesXz: modern,
    checksSha256: modern,
    flashesFromUrl: modern,
    consoleKeepsHistory: modern,
    cooling: modern,
    nodeNotes: modern,
    currentUsbModes: minor > 0 || patch >= 4,
    holdsCooling: since(21),
    firmwareSlots: since(4),
    sdCardFiles: since(34),
    liveConsole: since(4),
    changesPassword: since(36),
    keepsNodesOn: since(4),
    flashTargetsPort: since(33),
    refusesRk1OnHub: since(22) && !since(33),
  };
}
