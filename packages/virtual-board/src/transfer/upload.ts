import type { BoardClock } from '../board/board-clock.js';
import type { BoardProfile } from '../board/board-profile.js';
import { BodyAborted } from '../http/incoming-request.js';
import { parseUnsigned } from '../http/query.js';
import { emptyReply, type Reply, textReply } from '../http/reply.js';
import { RequestError } from '../http/request-error.js';
import { decimalSize } from './decimal-size.js';
import { MalformedFormError, MultipartPart, type ReadBody } from './multipart-part.js';
import type { Transfer, TransferSlot } from './transfer-slot.js';

const WORKER_ERROR_WAIT_MS = 5000;
const POLL_MS = 100;

/** What receiving an upload needs of the board. */
export interface UploadEnvironment {
  readonly slot: TransferSlot;
  readonly clock: BoardClock;
  readonly profile: BoardProfile;
}

/**
 * Answers `POST /api/bmc/upload/{handle}` (docs/reference/bmc-protocol.md, "Upload").
 *
 * @param aborted - Fires with a {@link BodyAborted} when the client is gone, also while its chunks wait for the worker.
 * @param readBody - Pulls the body as it is wanted; what is never pulled stays in the socket.
 */
export async function receiveUpload(
  env: UploadEnvironment,
  handleText: string,
  contentType: string | undefined,
  readBody: ReadBody,
  aborted: AbortSignal,
): Promise<Reply> {
  const handle = parseUnsigned(handleText, 32);
  if (handle === undefined) return textReply(`can not parse "${handleText}" to a u32`, 404);
  const { state } = env.slot;
  if (state.kind !== 'Transferring') {
    throw new RequestError(
      400,
      `cannot execute command in current state. current=${state.kind}, expected=Transferring`,
    );
  }
  const { transfer } = state;
  if (BigInt(transfer.handle) !== handle) throw new RequestError(400, 'unauthorized request for handle');
  if (!transfer.upload || transfer.uploadBegun) {
    throw new RequestError(
      400,
      'cannot transfer bytes to worker. This is either because the transfer happens locally, or is already ongoing.',
    );
  }
  transfer.uploadBegun = true;
  try {
    await forward(env, transfer, contentType, readBody, aborted);
  } catch (cause) {
    // A form that cannot be read only ends the stream: the worker takes it for the end of the image.
    if (cause instanceof MalformedFormError) {
      transfer.upload.end();
      throw new RequestError(400, 'Multipart form invalid');
    }
    if (cause instanceof BodyAborted && isCurrent(env.slot, transfer)) env.slot.cancel();
    throw cause;
  }
  transfer.upload.end();
  return emptyReply(200);
}

async function forward(
  env: UploadEnvironment,
  transfer: Transfer,
  contentType: string | undefined,
  readBody: ReadBody,
  aborted: AbortSignal,
): Promise<void> {
  const part = new MultipartPart(contentType, readBody);
  await part.open();
  let received = 0n;
  for (let chunk = await part.read(); chunk; chunk = await part.read()) {
    received += BigInt(chunk.length);
    if (!(await transfer.upload?.send(chunk, aborted)))
      throw new RequestError(500, await workerErrorText(env));
  }
  const missing = BigInt.asUintN(64, BigInt(transfer.size) - received);
  if (missing === 0n || !env.profile.transfers23) return; // firmware before 2.3 counts in the worker
  if (isCurrent(env.slot, transfer)) env.slot.cancel();
  throw new RequestError(400, `missing ${decimalSize(missing)} bytes`);
}

/** Why the worker is gone: whatever error the slot shows within five seconds. */
async function workerErrorText(env: UploadEnvironment): Promise<string> {
  if (!env.profile.transfers23) {
    await env.clock.work(WORKER_ERROR_WAIT_MS);
    return 'transfer cancelled'; // two l: the lookup of those versions blocks itself
  }
  for (let waited = 0; waited < WORKER_ERROR_WAIT_MS; waited += POLL_MS) {
    const { state } = env.slot;
    if (state.kind === 'Error') return state.text;
    await env.clock.work(POLL_MS);
  }
  return 'transfer canceled';
}

function isCurrent(slot: TransferSlot, transfer: Transfer): boolean {
  return slot.state.kind === 'Transferring' && slot.state.transfer === transfer;
}
