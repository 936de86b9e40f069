import { printable } from '../api/reply.js';
import type { TransferStatus } from '../api/transfer-status.js';
import type { TransferRecord } from './transfer-journal.js';

/**
 * What became of a transfer that nobody watched to its end, in words; undefined where the board tells nothing of it.
 *
 * @remarks An end carries no handle (docs/reference/bmc-protocol.md, "Status of a transfer"): a `Done` of as many bytes is
 * most likely ours, and proves nothing.
 */
export function describeUnwatchedEnd(
  { node, started, startedAt, lengthBytes }: TransferRecord,
  status: TransferStatus,
): string | undefined {
  if (!started) return undefined;
  const flash = `the flash of node ${node} that was begun ${startedAt}`;
  switch (status.state) {
    case 'transferring':
      return undefined;
    case 'ready':
      return `${flash} was ended by a restart of the daemon of the BMC`;
    case 'error':
      return `${flash} failed on the BMC: "${printable(status.text)}"`;
    case 'done':
      return lengthBytes === undefined || status.sizeBytes === lengthBytes
        ? `${flash} was done as far as the BMC tells; nobody watched its end, so that it is not proven`
        : `what became of ${flash} is not known: another transfer has ended since`;
  }
}
