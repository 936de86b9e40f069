import type { BoardApi } from '../api/board-api.js';
import { BmcError } from '../errors/bmc-error.js';
import type { CallOptions } from '../session/call-options.js';
import { type BoardFacts, normalizeMac } from './board-id.js';

/** Devices of the BMC, that which every firmware of its generation has first. */
const DEVICES = ['br0', 'eth0'];

/**
 * Asks a board for its serial number and the MAC address of its BMC, which every login may read.
 *
 * @throws the errors of a call; a firmware that does not tell is none
 */
export async function readBoardFacts(board: BoardApi, options: CallOptions): Promise<BoardFacts> {
  const about = await unlessUnknown(board.about(options));
  const info = await unlessUnknown(board.info(options));
  const addresses = (info?.addresses ?? []).filter(({ mac }) => normalizeMac(mac) !== undefined);
  const [best] = addresses.sort((a, b) => rank(a.device) - rank(b.device) || a.mac.localeCompare(b.mac));
  const mac = best?.mac ?? (await unlessUnknown(board.other(options)))?.mac;
  return { serial: about?.boardSerial, mac };
}

function rank(device: string): number {
  const at = DEVICES.indexOf(device);
  return at < 0 ? DEVICES.length : at;
}

async function unlessUnknown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (cause) {
    if (BmcError.hasCode(cause, 'BMC_NOT_SUPPORTED', 'BMC_REQUEST_REFUSED')) return undefined;
    throw cause;
  }
}
