import type { Examination } from './examination.js';
import { type Finding, finding } from './finding.js';

/** More than this is no delay of the network; certificates of download servers are the first to fail by it. */
const TOLERATED_MS = 5 * 60_000;

/** The BMC has no battery: its clock is 1970 until it reaches a time server. */
export async function checkClock({ client, signal, now }: Examination): Promise<readonly Finding[]> {
  const asked = now();
  const board = await client.board.clock({ signal });
  if (!board) return [];
  const skewMs = board.getTime() - (asked + now()) / 2;
  if (Math.abs(skewMs) <= TOLERATED_MS) return [finding('BMC_CLOCK', 'ok', 'its clock is right')];
  return [
    finding(
      'BMC_CLOCK_WRONG',
      'warning',
      `its clock says ${board.toISOString().slice(0, 16)}Z, which is ${spoken(Math.abs(skewMs))} ${skewMs < 0 ? 'behind' : 'ahead of'} this computer's`,
      'Let the BMC reach a time server (NTP): downloads of images over HTTPS fail until then. Uploads do not mind.',
    ),
  ];
}

function spoken(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
