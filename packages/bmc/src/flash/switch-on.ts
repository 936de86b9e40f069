import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeId } from '@turingpi/foundation';
import type { FlashJobParts } from './flash-job-parts.js';

/** How a node is switched on. */
export interface SwitchOnOptions {
  readonly signal?: AbortSignal | undefined;
  /** Restart it: off for a second, then on, which the BMC does not store. Default false. */
  readonly reset?: boolean;
  /** How long its boot may take, in milliseconds; until then no flash takes it for a module in USB boot. */
  readonly bootMs?: number | undefined;
  /** Called with a remark for the user when the board has to be waited for. */
  readonly onWait?: (note: string) => void;
  /** Whether further flashes of this process are due that have not come to the board yet. Default: none are. */
  readonly flashesAreDue?: () => boolean;
}

const LOOK_EVERY_MS = 250;

/**
 * Switches a node on so that no flash of ours mistakes it for its target, or for one to refuse.
 *
 * @remarks
 * On a board with a hub a module whose new system does not start can fall into USB boot, where the next flash would hit
 * it. So a node is not switched on while this process flashes another, or waits to, nor while another process brings a
 * module up; and it is known as booting from before it has power. A flash writes its record before it reads who boots:
 * whichever of the two comes second sees the other.
 */
export async function switchOn(node: NodeId, parts: FlashJobParts, options: SwitchOnOptions): Promise<void> {
  const { signal, reset = false, bootMs = parts.timings.bootMs, onWait = () => undefined } = options;
  const { apis, booting } = parts;
  const call = { signal };
  const change = () => (reset ? apis.power.reset(node, call) : apis.power.on(node, call));
  const { bus } = await apis.usb.get(call);
  if (bus === undefined) {
    await change(); // old firmware: what it printed since cannot be told from what it printed before
    return;
  }
  if (!reset && (await apis.power.get(call))[node] === 'on') {
    await change(); // it has power: nothing boots because of this
    return;
  }
  let told: string | undefined;
  for (;;) {
    await booting.add(node, bootMs, await consoleText(node, parts, signal));
    if (bus === 'single') break; // a switch shows the BMC one module only: nothing is in the way
    const reason = await inTheWay(node, parts, options);
    if (reason === undefined) break;
    await booting.remove(node);
    if (reason !== told) onWait((told = reason));
    while ((await inTheWay(node, parts, options)) !== undefined)
      await sleep(LOOK_EVERY_MS, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
  try {
    await change();
  } catch (cause) {
    await booting.remove(node);
    throw cause;
  }
}

/** Why the node cannot be switched on now. */
async function inTheWay(
  node: NodeId,
  { lock, journal }: FlashJobParts,
  { flashesAreDue }: SwitchOnOptions,
): Promise<string | undefined> {
  if (lock.busyHere || flashesAreDue?.() === true)
    return `node ${node} is switched on when the flashes of other nodes are done`;
  const holder = await lock.holder();
  if (!holder || holder.ended) return undefined;
  const record = await journal.read();
  if (!record || record.broughtUp) return undefined;
  return `node ${node} is switched on when process ${holder.pid} on ${holder.host} has brought node ${record.node} up`;
}

async function consoleText(
  node: NodeId,
  { apis }: FlashJobParts,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { consoleKeepsHistory } = await apis.capabilities({ signal });
  if (!consoleKeepsHistory) return undefined; // reading it would empty it
  return await apis.console.read(node, { signal }).catch(() => undefined);
}
