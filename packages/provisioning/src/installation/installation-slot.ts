import type { HeldResource, PhaseEnvironment } from '@turingpi/core/plugin';
import type { StrategySlot } from '../board/board-driver.js';

/** The board's slot as one installation has it: taken when it begins, and given back at the latest when it ends. */
export class InstallationSlot implements StrategySlot, AsyncDisposable {
  #held: HeldResource | undefined;

  private constructor(
    private readonly environment: Pick<PhaseEnvironment, 'signal' | 'take' | 'isWanted'>,
    held: HeldResource,
  ) {
    this.#held = held;
  }

  /** Waits for the slot. @throws The reason of the signal; StateError when it cannot be leased. */
  static async take(environment: PhaseEnvironment): Promise<InstallationSlot> {
    return new InstallationSlot(environment, await environment.take('slot'));
  }

  /** What to work under: fires also when the slot is lost, while it is held. */
  get signal(): AbortSignal {
    return this.#held?.signal ?? this.environment.signal;
  }

  /** Whether nobody has taken over; without the slot the phase's own signal tells. */
  async isOurs(): Promise<boolean> {
    return this.#held === undefined ? !this.environment.signal.aborted : await this.#held.isOurs();
  }

  isWanted(): boolean {
    return this.environment.isWanted('slot');
  }

  async release(): Promise<AbortSignal> {
    await this[Symbol.asyncDispose]();
    return this.signal;
  }

  async take(): Promise<AbortSignal> {
    this.#held ??= await this.environment.take('slot');
    return this.signal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.[Symbol.asyncDispose]();
  }
}
