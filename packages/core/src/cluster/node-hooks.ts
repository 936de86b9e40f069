import { type NodeId, nodeName, TuringPiError } from '@turingpi/foundation';
import type { EventBus } from '../event/event-bus.js';
import { PhaseError } from '../errors/phase-error.js';
import type { Node } from '../node/node.js';
import { ofOnePhase } from '../phase/of-one-phase.js';
import type { PlannedPhase } from '../plan/cluster-plan.js';
import type { PhaseRecord } from '../state/state-document.js';
import type { StateStore } from '../state/state-store.js';
import type { Context } from './context.js';

/** Something of the user's that is done for a node. A text that it returns is told, as what was copied where. */
export type NodeHook = (context: Context, node: Node) => Promise<unknown>;

/** What a run does around the installation of each node. */
export interface NodeHooks {
  /**
   * Before a finished installation is erased: take its work away, copy what is to be kept. The node is up, and
   * `context.installedNode` tells how to log in. Where it fails, the node keeps its system.
   */
  readonly beforeErase?: NodeHook;
  /** When a node that was installed has gone through all phases. It is owed until it was done once. */
  readonly afterInstall?: NodeHook;
  /**
   * Waits until a node that was installed does its work again. Of nodes that are reinstalled, the next one keeps its
   * system until then. Rejects when that will not be.
   */
  readonly healthy?: NodeHook;
}

/** The same hooks, where the one before an erasure is done once for a node, however often the node is run. */
export function oncePerNode(hooks: NodeHooks): NodeHooks {
  const { beforeErase } = hooks;
  if (beforeErase === undefined) return hooks;
  const done = new Set<NodeId>();
  return {
    ...hooks,
    beforeErase: async (context, node) => {
      if (done.has(node.id)) return 'was done before';
      const told = await beforeErase(context, node);
      done.add(node.id);
      return told;
    },
  };
}

/** Hooks that an installation is owed: they are on record until they were done. */
type OwedHook = 'afterInstall' | 'healthy';
const OWED: readonly OwedHook[] = ['afterInstall', 'healthy'];

/**
 * Which hooks a run would do for a node, in their order.
 *
 * @param planned - what would become of the installation
 * @param installation - the record of it
 */
export function hooksToRun(
  hooks: NodeHooks,
  planned: Pick<PlannedPhase, 'decision' | 'erases'> | undefined,
  installation: PhaseRecord | undefined,
): readonly (keyof NodeHooks)[] {
  const isNew = planned?.decision === 'run';
  const before = isNew && planned.erases?.evidence === 'installed' && hooks.beforeErase !== undefined;
  const owed = OWED.filter(
    (name) => hooks[name] !== undefined && (isNew || installation?.owed?.includes(name)),
  );
  return [...(before ? (['beforeErase'] as const) : []), ...owed];
}

/** Runs the hooks of one node, and tells how they end. */
export class HooksOfNode {
  constructor(
    private readonly hooks: NodeHooks,
    private readonly context: Context,
    private readonly services: { readonly state: StateStore; readonly events: EventBus },
  ) {}

  /** What is on record of an installation that begins now. */
  get owed(): { readonly owed?: string[] } {
    const names = OWED.filter((name) => this.hooks[name] !== undefined);
    return names.length === 0 ? {} : { owed: names };
  }

  /** @throws PhaseError `HOOK_FAILED`; the signal's reason. */
  beforeErase(): Promise<void> {
    return this.#run('beforeErase');
  }

  /** Does what the node's installation is owed, of what this run has. @throws PhaseError `HOOK_FAILED`; the signal's reason. */
  settle(): Promise<void> {
    return this.#settle(OWED);
  }

  /** In a run that ends with the installation: waits until the node does its work again. @throws As {@link settle}. */
  settleHealth(): Promise<void> {
    return this.#settle(['healthy']);
  }

  async #settle(hooks: readonly OwedHook[]): Promise<void> {
    const name = nodeName(this.context.node.id);
    for (const hook of hooks) {
      const record = (await this.services.state.load())[name]?.os_installation;
      if (record?.status !== 'completed' || record.owed?.includes(hook) !== true) continue;
      if (this.hooks[hook] === undefined) continue; // of another program's runs: it was not done
      await this.#run(hook);
      await this.services.state.amend(
        name,
        ofOnePhase('os_installation', (current) =>
          current === undefined ? current : without(current, hook),
        ),
      );
    }
  }

  async #run(name: keyof NodeHooks): Promise<void> {
    const { context, hooks } = this;
    const hook = hooks[name];
    if (hook === undefined) return;
    const { node, signal } = context;
    signal.throwIfAborted();
    const tell = (note?: string) =>
      this.services.events.emit(node, {
        ...{ type: 'phase:progress', phase: 'os_installation' },
        progress: { activity: name, ...(note === undefined ? {} : { note }) },
      });
    tell();
    let told: unknown;
    try {
      told = await hook(context, node);
    } catch (cause) {
      signal.throwIfAborted();
      throw hookFailed(name, node, cause);
    }
    tell(typeof told === 'string' && told !== '' ? told : 'done');
  }
}

function hookFailed(name: string, { hostname, id }: Node, cause: unknown): PhaseError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const kept = name === 'beforeErase' ? '; its system is left as it is' : '';
  return new PhaseError('HOOK_FAILED', `${name} of ${hostname} (node ${id}) failed: ${why}${kept}`, {
    cause,
    hint: TuringPiError.is(cause) ? cause.hint : 'It is one of the `hooks` of this run, or `healthy`.',
  });
}

function without({ owed = [], ...record }: PhaseRecord, hook: OwedHook): PhaseRecord {
  const rest = owed.filter((name) => name !== hook);
  return rest.length === 0 ? record : { ...record, owed: rest };
}
