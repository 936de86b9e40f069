import type { NodeId } from '@turingpi/foundation';
import type { Preparation } from './flash-preparation.js';
import type { PreparedImage } from './image-upload.js';
import type { TransferRecord } from './transfer-journal.js';

/**
 * What the journal says of a flash that is about to begin.
 *
 * @param flash - `unrestored`: an earlier one of ours after which the board is not as it was before yet
 */
export function newTransferRecord(
  node: NodeId,
  {
    prepared: { image, identity, rawSizeBytes },
    before,
    unrestored,
  }: {
    readonly prepared: PreparedImage;
    readonly before: Preparation;
    readonly unrestored: TransferRecord | undefined;
  },
): TransferRecord {
  return {
    node,
    format: image?.format,
    sha256: identity,
    lengthBytes: image?.lengthBytes,
    rawSizeBytes,
    started: false,
    uploaded: false,
    broughtUp: false,
    usb: before.usb,
    node1UsedPort: before.node1UsedPort || (unrestored?.node1UsedPort ?? false),
    startedAt: new Date().toISOString(),
  };
}
