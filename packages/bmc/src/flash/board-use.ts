import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_IDS, type NodeId, withNamedNodes } from '@turingpi/foundation';
import { nodeOfProcess } from '../api/transfer-status.js';
import { BmcError } from '../errors/bmc-error.js';
import type { FlashJobParts } from './flash-job-parts.js';

/** What somebody wants to change on a board, and how patient he is. */
export interface BoardUseOptions {
  /** The nodes that are touched; `board` for what touches every transfer: USB, the BMC itself. */
  readonly touches: readonly NodeId[] | 'board';
  /** It must also wait until no module is being brought up, as what is switched on then could be taken for it. */
  readonly switchesOn?: boolean;
  /** The work takes the board's lock by itself, or lasts too long to keep others out. Default false. */
  readonly unlocked?: boolean;
  /** Wait until the board is free instead of refusing. */
  readonly wait?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with a remark for the user when waiting begins. */
  readonly onWait?: (note: string) => void;
}

/** A transfer that is in the way, in words. */
interface Obstacle {
  readonly what: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Makes a change on a board when it cuts into no transfer: none of our own runs, as lock and journal on this computer tell,
 * and none of other clients, as the board tells.
 *
 * @remarks
 * Our own are looked at first and without asking the board, which answers nobody while one of them uploads. What touches
 * the board while nothing of ours is under way is done under its lock, so that no flash of ours begins meanwhile.
 *
 * @throws BmcError BMC_FLASH_BUSY when something is in the way and nobody wants to wait
 */
export async function useBoard<T>(
  parts: FlashJobParts,
  options: BoardUseOptions,
  work: () => Promise<T>,
): Promise<T> {
  const { signal, touches, wait = false, onWait = () => undefined } = options;
  const named = () => withNamedNodes(touches === 'board' ? NODE_IDS : touches, 'a change of the board', work);
  let told: string | undefined;
  for (;;) {
    const outcome = await attempt(parts, options, named);
    if ('done' in outcome) return outcome.done;
    const { what, details } = outcome.obstacle;
    if (!wait)
      throw new BmcError('BMC_FLASH_BUSY', what, {
        hint: 'Wait until it is done, or give --wait: this would destroy it.',
        details,
      });
    if (what !== told) onWait((told = what));
    await sleep(parts.timings.pollMs, undefined, signal ? { signal } : {}).catch(() =>
      signal?.throwIfAborted(),
    );
  }
}

type Attempt<T> = { readonly done: T } | { readonly obstacle: Obstacle };

async function attempt<T>(
  parts: FlashJobParts,
  options: BoardUseOptions,
  work: () => Promise<T>,
): Promise<Attempt<T>> {
  const { lock, logger } = parts;
  const own = await ownTransfer(parts, options);
  if (own === 'elsewhere') return { done: await work() };
  if (own !== undefined && own !== 'held') return { obstacle: own };
  const unlessForeign = async (): Promise<Attempt<T>> => {
    const foreign = await foreignTransfer(parts, options);
    return foreign ? { obstacle: foreign } : { done: await work() };
  };
  if (options.unlocked === true || own === 'held') return await unlessForeign();
  return await lock.run({ signal: options.signal, logger, onWait: () => undefined }, unlessForeign);
}

/**
 * @returns `elsewhere` for one of ours that is under way and is not touched; `held` when a program of ours has the board
 * and no transfer of its own, so that there may be one of another client
 */
async function ownTransfer(
  { lock, journal }: FlashJobParts,
  options: BoardUseOptions,
): Promise<Obstacle | 'elsewhere' | 'held' | undefined> {
  const holder = await lock.holder();
  const isHeld = lock.busyHere || (holder !== undefined && !holder.ended);
  if (!isHeld) return undefined;
  const record = await journal.read();
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'this process';
  const node = record?.node;
  const { touches, switchesOn = false } = options;
  const isTouched = touches === 'board' || (node !== undefined && touches.includes(node));
  if (!isTouched && !(switchesOn && record?.broughtUp !== true)) return record ? 'elsewhere' : 'held';
  const what =
    node === undefined ? `${who} is using this board` : `${who} is flashing node ${node} of this board`;
  return { what, details: { ...(holder && { pid: holder.pid, host: holder.host }), node } };
}

async function foreignTransfer(
  { apis }: FlashJobParts,
  { touches, switchesOn = false, signal }: BoardUseOptions,
): Promise<Obstacle | undefined> {
  const status = await apis.transfer.status({ signal });
  if (status.state !== 'transferring') return undefined;
  const node = nodeOfProcess(status.process) as NodeId | undefined;
  const isTouched = touches === 'board' || (node !== undefined && touches.includes(node));
  if (!isTouched && !(switchesOn && status.bytesWritten === 0)) return undefined;
  const what =
    node === undefined
      ? 'a transfer of the firmware of the BMC is running'
      : `a transfer to node ${node} is running on the board`;
  return { what, details: { process: status.process, handle: status.handle, node } };
}
