import { BmcError } from '../errors/bmc-error.js';
import type { BoardApi } from '../api/board-api.js';
import type { CallOptions } from '../session/call-options.js';

/** The firmware generations whose behaviour is known (API reference, section 12). */
export type VersionProfile = '2.0.5' | '2.3.4' | '2.3.7' | 'unknown';

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
  readonly cooling: boolean;
  readonly nodeNotes: boolean;
  /** Numbers of the USB modes are those of 2.0.4 and newer. */
  readonly currentUsbModes: boolean;
}

/** Finds out what a firmware can do (API reference, section 12.2). */
export async function detectCapabilities(board: BoardApi, options: CallOptions): Promise<BmcCapabilities> {
  let text: string | undefined;
  try {
    const about = await board.about(options);
    text = about.bmcdVersion ?? about.version;
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

function capabilitiesOf([major, minor, patch]: Version): BmcCapabilities {
  const modern = minor >= 3;
  return {
    bmcdVersion: `${major}.${minor}.${patch}`,
    profile: modern
      ? minor === 3
        ? patch >= 5
          ? '2.3.7'
          : '2.3.4'
        : 'unknown'
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
  };
}
