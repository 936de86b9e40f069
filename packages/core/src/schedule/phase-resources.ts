import { setMaxListeners } from 'node:events';
import { nodeName, TuringPiError } from '@turingpi/foundation';
import { boardIdOf } from '../board/board-id.js';
import type { PhaseRecorder } from '../phase/phase-recorder.js';
import type { HeldResource, StepResource } from '../phase/phase-step.js';
import type { Lease } from '../state/lease.js';
import type { StateStore } from '../state/state-store.js';
import { remainingPath } from './remaining-path.js';
import type { ResourceRequest, Scheduler } from './scheduler.js';

/** What phases get their resources from. */
export interface ResourceServices {
  readonly scheduler: Scheduler;
  readonly state: StateStore;
  /** What a board is called that does not tell who it is: its address. */
  readonly boardAddress: string;
}

/**
 * The resources of one phase of one node: given out by the scheduler, and a slot of a board by the store of the state as
 * well, so that another computer with the same store stays away.
 */
export class PhaseResources {
  constructor(
    private readonly recorder: PhaseRecorder,
    private readonly services: ResourceServices,
  ) {}

  /**
   * Waits for a resource, and tells when it is there and when it is given back.
   *
   * @throws The reason of the phase's signal; StateError when the slot cannot be leased.
   */
  async take(resource: StepResource): Promise<HeldResource> {
    const { recorder, services } = this;
    const { phase, signal, node } = recorder;
    const name = nodeName(node.id);
    const remainingMs = remainingPath(await services.state.load(), name, phase);
    const since = performance.now();
    const giveBack = await services.scheduler.acquire({ ...this.#own(resource), remainingMs }, signal);
    let lease: Lease | undefined;
    try {
      lease = resource === 'slot' ? await this.#lease() : undefined;
      signal.throwIfAborted();
    } catch (error) {
      await lease?.[Symbol.asyncDispose]();
      giveBack();
      throw error;
    }
    const waitedMs = Math.round(performance.now() - since);
    recorder.hasWaited(waitedMs);
    recorder.emit({ type: 'resource:acquired', phase, resource, waitedMs });
    let held = true;
    return {
      signal: lease === undefined ? signal : eitherOf(signal, lease.signal),
      isOurs: async () => held && (await isHeld(lease)) && (await recorder.isOurs()),
      [Symbol.asyncDispose]: async () => {
        if (!held) return;
        held = false;
        try {
          await lease?.[Symbol.asyncDispose]();
        } catch (error) {
          // What it was for is done. It becomes stale, or is free with the end of this process.
          recorder.logger.warn({ err: error, resource }, 'the lease could not be given back');
        } finally {
          giveBack();
          recorder.emit({ type: 'resource:released', phase, resource });
        }
      },
    };
  }

  /** Whether another node has it, waits for it, or is about to: its image is being made. */
  isWanted(resource: StepResource): boolean {
    const { scheduler } = this.services;
    const wants = (wanted: StepResource) => {
      const own = this.#own(wanted);
      return scheduler.isWanted(own.resource, own);
    };
    return wants(resource) || (resource === 'slot' && wants('image-work'));
  }

  /** Each board has a slot of its own; the rest is this computer's. */
  #own(resource: StepResource): Omit<ResourceRequest, 'remainingMs'> {
    const { id, board } = this.recorder.node;
    const named = board === undefined ? {} : { board };
    return { resource: resource === 'slot' ? `${board ?? ''}/slot` : resource, node: id, ...named };
  }

  async #lease(): Promise<Lease> {
    const { recorder, services } = this;
    const { signal, phase } = recorder;
    const { board } = await services.state.load();
    const name = `slot ${board === undefined ? services.boardAddress : boardIdOf(board)}`;
    const tell = (note: string) =>
      recorder.emit({ type: 'phase:progress', phase, progress: { activity: 'wait', note } });
    const onWatch = ({ name: holder }: { readonly name: string }) =>
      tell(`${holder} has the board's slot: does it still run?`);
    try {
      return await services.state.acquire(name, { signal, onWatch });
    } catch (error) {
      if (!TuringPiError.is(error) || error.code !== 'STATE_LEASE_HELD') throw error;
      tell(`waiting for the board's slot: ${error.message}`);
    }
    return await services.state.acquire(name, { signal, onWatch, wait: true });
  }
}

/** Whether nobody else has what was leased; what cannot be read is nobody's. */
async function isHeld(lease: Lease | undefined): Promise<boolean> {
  if (lease === undefined) return true;
  if (lease.signal.aborted) return false;
  // A store in plain JavaScript may have something else under this name.
  if (typeof lease.isHeld !== 'function') return true;
  return lease.isHeld().catch(() => false);
}

function eitherOf(one: AbortSignal, other: AbortSignal): AbortSignal {
  const either = AbortSignal.any([one, other]);
  setMaxListeners(0, either); // as many waits of a phase listen to it as there are
  return either;
}
