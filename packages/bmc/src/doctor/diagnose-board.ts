import type { BmcClient } from '../client/bmc-client.js';
import type { OtherNodes } from '../flash/other-nodes.js';
import { checkClock } from './check-clock.js';
import { checkConnection } from './check-connection.js';
import { checkFirmware } from './check-firmware.js';
import { checkStorage } from './check-storage.js';
import { checkTransfer } from './check-transfer.js';
import { checkUsb } from './check-usb.js';
import type { Examination } from './examination.js';
import { type Finding, findingOf } from './finding.js';

/** How a diagnosis is made; times in milliseconds. */
export interface DiagnosisOptions {
  readonly signal?: AbortSignal | undefined;
  /** An API that answers within this time is well. Default 20 s: bringing up a module blocks it for up to 15 s. */
  readonly busyMs?: number;
  /** How long to wait on for an API that does not answer, before it is taken for held for ever. Default 120 s. */
  readonly patienceMs?: number;
  /** Called with a remark for the user when waiting begins. */
  readonly onWait?: (note: string) => void;
  /** The clock to compare the board's with, in milliseconds since the epoch. */
  readonly now?: () => number;
  /** What else than its console tells that a node runs. */
  readonly others?: OtherNodes;
}

const CHECKS = [checkFirmware, checkTransfer, checkUsb, checkClock, checkStorage];

/**
 * Looks at everything about a board that is known to go wrong, and changes nothing.
 *
 * @remarks What the client cannot get past (no connection, another key, no login, an API that is held) is the last finding.
 */
export async function diagnoseBoard(
  client: BmcClient,
  options: DiagnosisOptions = {},
): Promise<readonly Finding[]> {
  const examination: Examination = {
    client,
    signal: options.signal,
    busyMs: options.busyMs ?? 20_000,
    patienceMs: options.patienceMs ?? 120_000,
    onWait: options.onWait ?? (() => undefined),
    now: options.now ?? Date.now,
    others: options.others,
  };
  const { findings, usable } = await checkConnection(examination);
  if (!usable) return findings;
  const all = [...findings];
  for (const check of CHECKS) {
    try {
      all.push(...(await check(examination)));
    } catch (cause) {
      options.signal?.throwIfAborted();
      all.push(findingOf(cause));
    }
  }
  return all;
}
