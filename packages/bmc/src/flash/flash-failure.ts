import type { NodeId } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import { meaningOfText } from '../errors/reply-text.js';
import type { Recovery } from './flash-recovery.js';
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

/**
 * The error of a failed flash: with the reason that the BMC gives, and with what could not be restored.
 *
 * @returns the reason of the abort when the caller aborted
 */
export function failureAfter(
  failure: unknown,
  { node, from }: { readonly node: NodeId; readonly from: WatchedTransfer['from'] },
  recovery: Recovery,
  signal: AbortSignal | undefined,
): unknown {
  if (signal?.aborted) return signal.reason;
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
