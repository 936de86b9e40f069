import { setTimeout as sleep } from 'node:timers/promises';
import { nodeName } from '@turingpi/foundation';
import type { EventBus } from '../event/event-bus.js';
import type { Node } from '../node/node.js';
import { PHASES, type PhaseName } from '../phase/phase.js';
import type { RunEvent, RunNode } from '../run/run-event.js';
import type { RunStarted } from '../run/run-record.js';
import type { RunStore } from '../run/run-store.js';
import type { LeaseHolder } from '../state/lease.js';
import { describeHolder } from '../state/lease-errors.js';
import type { StateStore } from '../state/state-store.js';

/** Between two looks at who has a node, in milliseconds. */
const LOOK_EVERY_MS = 1000;

/** How a run finds out whether another one has its nodes. */
export interface NodeWait {
  readonly state: StateStore;
  readonly events: EventBus;
  readonly runs: RunStore;
  /** This run: it waits for those that began before it, or two would wait for each other. */
  readonly runId: string;
  /** Address of the board: runs of other boards may be on file in the same place. */
  readonly board: string;
  readonly signal: AbortSignal;
}

interface Held {
  readonly holder: LeaseHolder;
  readonly phase: PhaseName;
}

/**
 * Whether another run has a node: it works on one of its phases, or began before this run and has not come to the node's
 * end.
 */
export async function isHeldByAnother(node: Node, wait: NodeWait): Promise<boolean> {
  return (await phaseHolder(node, wait)) !== undefined || (await earlierRuns(node, wait)).length > 0;
}

/** Waits until no other run has the node, and tells whom it waits for. @throws the signal's reason. */
export async function waitForNode(node: Node, wait: NodeWait): Promise<void> {
  for (const { id, node: named, started } of await earlierRuns(node, wait)) {
    const { pid, host, at: since, command } = started;
    const holder = { name: `process ${pid} on ${host}`, since, command };
    tell(node, { holder, phase: PHASES[0] }, wait);
    await endOfNode(named, id, wait);
  }
  let told: string | undefined;
  for (;;) {
    const held = await phaseHolder(node, wait);
    if (held === undefined) return;
    if (held.holder.name !== told) tell(node, held, wait);
    told = held.holder.name;
    await sleep(LOOK_EVERY_MS, undefined, { signal: wait.signal }).catch(() => wait.signal.throwIfAborted());
  }
}

async function phaseHolder(node: Node, { state, signal }: NodeWait): Promise<Held | undefined> {
  for (const phase of PHASES) {
    const holder = await state.holder(nodeName(node.id), phase, { signal });
    if (holder !== undefined) return { holder, phase };
  }
  return undefined;
}

/** Another run, and what the node is called in it. */
interface EarlierRun {
  readonly id: string;
  readonly started: RunStarted;
  readonly node: RunNode;
}

/** Runs that began before this one, go on, and have not come to the end of the node. */
async function earlierRuns(node: Node, { runs, runId, board }: NodeWait): Promise<readonly EarlierRun[]> {
  const earlier: EarlierRun[] = [];
  for (const { id, outcome, started } of await runs.list().catch(() => [])) {
    if (id >= runId || outcome !== 'running' || started === undefined) continue;
    const boards = started.boards.filter(({ address }) => address === board);
    const named = started.nodes.find(
      (one) => one.nodeId === node.id && boards.some(({ name }) => name === one.board),
    );
    if (named === undefined || (await hasEnded(named, id, runs))) continue;
    earlier.push({ id, started, node: named });
  }
  return earlier;
}

async function hasEnded(node: RunNode, id: string, runs: RunStore): Promise<boolean> {
  for await (const event of runs.read(id)) if (isEndOf(node, event)) return true;
  return false;
}

async function endOfNode(node: RunNode, id: string, { runs, signal }: NodeWait): Promise<void> {
  for await (const event of runs.follow(id, { signal })) if (isEndOf(node, event)) return;
}

function isEndOf(node: RunNode, event: RunEvent): boolean {
  switch (event.type) {
    case 'node:completed':
    case 'node:failed':
    case 'node:blocked':
    case 'node:aborted':
      return event.nodeId === node.nodeId && event.board === node.board;
    default:
      return false;
  }
}

function tell(node: Node, { holder, phase }: Held, { events }: NodeWait): void {
  const note = `${describeHolder(holder)} has the node: waiting for its end`;
  events.emit(node, { type: 'phase:progress', phase, progress: { activity: 'wait', note } });
}
