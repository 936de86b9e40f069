import type { NodeId } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import { meaningOfText } from '../errors/reply-text.js';
import type { Recovery } from './flash-recovery.js';
import type { TransferRecord } from './transfer-journal.js';
import { superseded, transferError, type WatchedTransfer } from './transfer-watch.js';

/** Failures that say that something broke, not what: the status of the transfer may know more. */
const VAGUE = [
  'BMC_FLASH_INTERRUPTED',
  'BMC_FLASH_CANCELLED',
  'BMC_FLASH_UNVERIFIED',
  'BMC_FLASH_STATE_REFUSED',
  'BMC_FLASH_SUPERSEDED',
  'BMC_INTERNAL_ERROR',
  'BMC_CONNECTION_LOST',
] as const;

/** Failures after which it is open how the transfer goes on, when the board may not be asked. */
const OPEN = [...VAGUE, 'BMC_CERTIFICATE_CHANGED', 'BMC_UNTRUSTED', 'BMC_UNREACHABLE'] as const;

/** A transfer of ours that has failed. */
interface FailedTransfer {
  readonly record: TransferRecord;
  readonly from: WatchedTransfer['from'];
}

/**
 * The error of a failed flash: with the reason that the BMC gives, and with what could not be restored.
 *
 * @returns the reason of the abort when the caller aborted
 */
export function failureAfter(
  failure: unknown,
  { record, from }: FailedTransfer,
  recovery: Recovery,
  signal: AbortSignal | undefined,
): unknown {
  if (signal?.aborted) return signal.reason;
  const { node } = record;
  const { refused } = recovery;
  if (refused && record.started && BmcError.hasCode(failure, ...OPEN)) return unwatched(record, refused);
  const reason = reasonOf(failure, { node, from }, recovery);
  if (!BmcError.is(reason)) return reason;
  const restored = recovery.nodeOff && recovery.usbRestored;
  const left = leftovers(node, recovery);
  return new BmcError(
    reason.code as BmcError['code'],
    left === '' ? reason.message : `${reason.message}; ${left}`,
    {
      cause: reason.cause ?? failure,
      hint: reason.hint,
      details: {
        ...reason.details,
        node,
        nodeOff: recovery.nodeOff,
        usbRestored: recovery.usbRestored,
        restored,
      },
    },
  );
}

/** The board may not be asked any more, and goes on without us, or not: what the node's storage holds is to be said. */
function unwatched({ node, uploaded }: TransferRecord, refused: BmcError): BmcError {
  const state = uploaded
    ? `the BMC needs nobody for the rest of it and goes on writing, unless its daemon was restarted: leave node ${node} as it is until its end is known`
    : `the BMC had not taken the whole image and ends the transfer by itself: the storage of node ${node} holds a part of the image at most`;
  return new BmcError(
    'BMC_FLASH_UNWATCHED',
    `the board answers with another key since node ${node} is being flashed, so nothing more was sent to it; ${state}`,
    { cause: refused, details: { ...refused.details, node, uploaded, restored: false } },
  );
}

function reasonOf(
  failure: unknown,
  { node, from }: { readonly node: NodeId; readonly from: WatchedTransfer['from'] },
  { status, foreignProcess }: Recovery,
): unknown {
  // What has ended for a reason of its own was not ended by what began later.
  if (!BmcError.hasCode(failure, ...VAGUE)) return failure;
  if (foreignProcess !== undefined) return superseded(node, foreignProcess);
  if (status?.state === 'ready') {
    return new BmcError(
      'BMC_FLASH_BMC_RESTARTED',
      `the BMC's daemon was restarted while it flashed node ${node}`,
      {
        cause: failure,
      },
    );
  }
  if (status?.state !== 'error') return failure;
  const meaning = meaningOfText(status.text);
  return meaning && meaning.code !== 'BMC_FLASH_CANCELLED' ? transferError(node, status.text, from) : failure;
}

function leftovers(node: NodeId, { foreign, nodeOff, usbRestored }: Recovery): string {
  if (foreign)
    return `${nodeOff ? '' : `node ${node} may still be on; it `}${nodeOff ? 'the USB setting was' : 'and the USB setting were'} left to another client, whose transfer is running`;
  const left = [
    ...(nodeOff ? [] : [`node ${node} may still be on`]),
    ...(usbRestored ? [] : ['its USB may still be routed to the BMC']),
  ];
  return left.length === 0 ? '' : `the board could not be restored: ${left.join(' and ')}`;
}
