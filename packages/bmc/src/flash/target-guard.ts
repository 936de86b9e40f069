import type { NodeId } from '@turingpi/foundation';
import { BmcError } from '../errors/bmc-error.js';
import { timeLimit } from '../session/time-limit.js';
import { othersOn, type OtherNodesContext, refuseOtherNodes, silentNodes } from './other-nodes.js';

/** What the other modules have shown before the start holds for this long. */
const HOLDS_MS = 10_000;

/** When nodes were switched on, as exactly as the BMC's whole seconds say; empty for firmware that does not tell. */
type SwitchedOn = Partial<Record<NodeId, { readonly earliest: number; readonly latest: number }>>;

/**
 * Sees to it that the module that is written is the target: before the start, again directly before it, and at the end.
 *
 * @remarks
 * On boards with a hub every module in USB boot could be taken for the target. On those with a switch only one that
 * another program turns the switch to while the target is being brought up: there is nothing to refuse beforehand.
 */
export class TargetGuard {
  #shown: readonly NodeId[] = [];
  #onSince: SwitchedOn = {};
  #shownAt = -Infinity;
  #startedAt = Infinity;
  #broughtUpAt = Infinity;

  constructor(
    private readonly target: NodeId,
    private readonly bus: 'hub' | 'single',
    private readonly context: OtherNodesContext,
  ) {}

  /** @throws BmcError BMC_FLASH_OTHER_NODES_ON */
  async beforeStart(): Promise<void> {
    if (this.bus === 'single') return;
    this.#shown = await refuseOtherNodes(this.target, this.context);
    this.#shownAt = performance.now();
  }

  /** Looks once more after whatever took time. @throws BmcError BMC_FLASH_OTHER_NODES_ON */
  async directlyBeforeStart(): Promise<void> {
    const on = await othersOn(this.target, this.context);
    this.#startedAt = Date.now();
    if (this.bus === 'single') {
      this.#shown = on;
      if (on.length > 0) this.#onSince = await this.#switchedOnAt(this.context);
      return;
    }
    const isFresh = performance.now() - this.#shownAt < HOLDS_MS;
    if (!isFresh || on.some((id) => !this.#shown.includes(id))) await this.beforeStart();
    this.#startedAt = Date.now();
  }

  /** The storage that is written has been found: what is switched on from now on cannot be it. */
  broughtUp(): void {
    this.#broughtUpAt = Math.min(this.#broughtUpAt, Date.now());
  }

  /**
   * Another program may have put a module into USB boot after our look and before the BMC's.
   *
   * @returns a remark for the user when the other modules could not be looked at
   * @throws BmcError BMC_FLASH_TARGET_UNPROVEN
   */
  async afterEnd(): Promise<string | undefined> {
    try {
      await this.#lookAgain();
      return undefined;
    } catch (cause) {
      if (BmcError.hasCode(cause, 'BMC_FLASH_TARGET_UNPROVEN')) throw cause;
      return `whether another module was taken for node ${this.target} could not be looked at afterwards`;
    }
  }

  async #lookAgain(): Promise<void> {
    // What is on the storage is to be known also when the user has stopped the run in the meantime.
    const context = { ...this.context, signal: timeLimit(this.context.timings.recoveryMs) };
    const on = await othersOn(this.target, context);
    if (on.length === 0) return;
    const since = await this.#switchedOnAt(context);
    const suspects = on.filter((id) => {
      const { latest = this.#startedAt, earliest = latest } = since[id] ?? {};
      if (earliest > this.#broughtUpAt) return false;
      if (!this.#shown.includes(id)) return true;
      if (this.bus === 'hub') return latest >= this.#startedAt;
      // On a switch, what was on before and stayed so was not touched by whoever turned it.
      const before = this.#onSince[id];
      return before !== undefined && earliest > before.latest;
    });
    const booting = await Promise.all(suspects.map((id) => this.context.booting.get(id)));
    const silent = await silentNodes(
      suspects.filter((_, i) => booting[i] === undefined),
      context,
    );
    if (silent.length === 0) return;
    throw new BmcError(
      'BMC_FLASH_TARGET_UNPROVEN',
      `node ${silent.join(', ')} went on while node ${this.target} was being flashed and does not answer: the BMC may have written that module instead`,
      { details: { node: this.target, nodes: silent } },
    );
  }

  async #switchedOnAt({ apis, signal }: OtherNodesContext): Promise<SwitchedOn> {
    if (!(await apis.capabilities({ signal })).nodeNotes) return {};
    const asked = Date.now();
    const notes = await apis.board.nodeNotes({ signal });
    const answered = Date.now();
    return Object.fromEntries(
      Object.entries(notes).flatMap(([id, { powerOnSeconds: seconds }]) =>
        seconds === undefined
          ? []
          : [[id, { earliest: asked - (seconds + 1) * 1000, latest: answered - seconds * 1000 }]],
      ),
    );
  }
}
