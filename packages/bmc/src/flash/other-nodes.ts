import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_IDS, type NodeId } from '@turingpi/foundation';
import { consoleAnswers, showsSystem } from '../console/console-answer.js';
import { BmcError } from '../errors/bmc-error.js';
import type { CallOptions } from '../session/call-options.js';
import { type BootingNodes, printedSince } from './booting-nodes.js';
import type { FlashApis } from './flash-apis.js';
import type { FlashTimings } from './flash-timings.js';

/** What is known about the modules that are not being flashed. */
export interface OtherNodes {
  /**
   * Whether the system that was installed on a node answers now, by its host key. An open port alone proves nothing:
   * another machine may have the address.
   */
  isRunning(node: NodeId, signal: AbortSignal | undefined): Promise<boolean>;
}

/** Nothing is known about the other modules: only what their consoles answer counts. */
export const UNKNOWN_NODES: OtherNodes = { isRunning: () => Promise.resolve(false) };

/** What the look at the other modules needs. */
export interface OtherNodesContext extends CallOptions {
  readonly apis: Pick<FlashApis, 'board' | 'console' | 'power' | 'capabilities'>;
  readonly timings: FlashTimings;
  readonly booting: BootingNodes;
  readonly others: OtherNodes;
  /** Called with a remark for the user when waiting begins. */
  readonly onWait?: (note: string) => void;
}

/**
 * Refuses to flash while another module could be taken for the target.
 *
 * @remarks
 * On v2.5 boards the BMC takes the first module in USB boot that it sees, so one in another slot would be overwritten
 * and success reported (docs/reference/bmc-protocol.md, "Modules in USB boot"). Only what a module shows now proves
 * that it runs a system. One that shows nothing is never switched off from here: it may be somebody's. One that was
 * just switched on is waited for.
 *
 * @returns the modules that are on, each of which has shown a system
 * @throws BmcError BMC_FLASH_OTHER_NODES_ON
 */
export async function refuseOtherNodes(
  target: NodeId,
  context: OtherNodesContext,
): Promise<readonly NodeId[]> {
  const on = await othersOn(target, context);
  const suspects = await silentNodes(on, context);
  if (suspects.length === 0) return on;
  throw new BmcError(
    'BMC_FLASH_OTHER_NODES_ON',
    `${named(suspects)} on and ${suspects.length === 1 ? 'does' : 'do'} not answer: the BMC could flash ${suspects.length === 1 ? 'it' : 'one of them'} instead of node ${target}`,
    { hint: await wayOut(suspects, context), details: { target, nodes: suspects } },
  );
}

/** The other nodes that are on, as far as the BMC knows. */
export async function othersOn(target: NodeId, context: OtherNodesContext): Promise<readonly NodeId[]> {
  const power = await context.apis.power.get(context);
  return NODE_IDS.filter((id) => id !== target && power[id] !== 'off');
}

/** Those of the nodes that show no sign of a system now. */
export async function silentNodes(
  nodes: readonly NodeId[],
  context: OtherNodesContext,
): Promise<readonly NodeId[]> {
  const silent: NodeId[] = [];
  for (const id of nodes) if (!(await showsLife(id, context))) silent.push(id);
  return silent;
}

async function showsLife(node: NodeId, context: OtherNodesContext): Promise<boolean> {
  if (await hasBooted(node, context)) return true;
  if (await context.others.isRunning(node, context.signal)) return true;
  const { apis, timings, signal, busyMs } = context;
  const { consoleKeepsHistory: keepsHistory } = await apis.capabilities({ signal });
  // A key stops the countdown of a boot loader.
  const typed = (await millisecondsOn(node, context)) >= timings.typeAfterMs;
  return await consoleAnswers(apis.console, node, timings, { signal, busyMs, keepsHistory, typed }).catch(
    (cause: unknown) => {
      if (BmcError.hasCode(cause, 'BMC_CONSOLE_UNAVAILABLE')) return false;
      throw cause;
    },
  );
}

/** Waits while a node boots that one of our runs has switched on: until it shows its system, or its time is over. */
async function hasBooted(node: NodeId, context: OtherNodesContext): Promise<boolean> {
  const { apis, booting, timings, signal } = context;
  let told = false;
  for (;;) {
    const entry = await booting.get(node);
    if (!entry) return false;
    if (showsSystem(printedSince(entry, await apis.console.read(node, { signal })))) return true;
    if (await context.others.isRunning(node, signal)) return true;
    if ((await apis.power.get({ signal }))[node] === 'off') return true;
    if (!told) context.onWait?.(`waiting for node ${node}, which was just switched on, to show its system`);
    told = true;
    await sleep(timings.pollMs, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}

/** Since it was switched on; for ever when the firmware does not tell. */
async function millisecondsOn(node: NodeId, { apis, signal }: OtherNodesContext): Promise<number> {
  const { nodeNotes } = await apis.capabilities({ signal });
  if (!nodeNotes) return Infinity;
  const seconds = (await apis.board.nodeNotes({ signal }))[node].powerOnSeconds;
  return seconds === undefined ? Infinity : seconds * 1000;
}

function named(nodes: readonly NodeId[]): string {
  return nodes.length === 1 ? `node ${nodes.join()} is` : `nodes ${nodes.join(', ')} are`;
}

/** What a user can do about modules that show nothing. */
async function wayOut(nodes: readonly NodeId[], { apis, signal }: OtherNodesContext): Promise<string> {
  const off = `turingpi node power off --node ${nodes.join(',')}`;
  const { flashTargetsPort } = await apis.capabilities({ signal });
  const why = flashTargetsPort
    ? 'This firmware looks for a module at the port of its own slot, which is not proven with two modules in USB boot.'
    : 'On boards with a USB hub the BMC flashes the first module in USB boot.';
  return `${why} Switch ${nodes.length === 1 ? 'it' : 'them'} off (\`${off}\`), or see that a system answers there, over SSH or on its serial console.`;
}
