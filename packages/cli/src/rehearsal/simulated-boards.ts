import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { CleanupStack } from '@turingpi/foundation';
import { describeFinding, startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { rehearsedInput, simulatedSlots } from './rehearsed-input.js';

/** How much faster than real hardware a simulated board powers up and brings modules into USB boot. */
const CLOCK_SCALE = 50;
/** The smallest eMMC of an RK1; the files are sparse. */
const EMMC_BYTES = 32 * 1024 ** 3;

/** A simulated board in place of a configured one. */
interface StandIn {
  /** Name of the configured board; undefined where the configuration is of one. */
  readonly name: string | undefined;
  readonly board: VirtualBoard;
  /** What of its configuration is not rehearsed, one sentence each. */
  readonly leftOut: readonly string[];
}

/** The simulated boards of a rehearsal, one for each board that is configured. Disposed with the rehearsal. */
export class SimulatedBoards implements AsyncDisposable {
  readonly #standIns: StandIn[] = [];
  readonly #started = new CleanupStack();
  readonly #password = randomBytes(12).toString('base64url');

  /** @param folder - of this rehearsal alone; the disks of the simulated nodes are in it, and its state */
  constructor(private readonly folder: string) {}

  /**
   * Starts a simulated board in place of a configured one.
   *
   * @param input - the configuration of the board
   * @returns the same for the simulated board
   */
  async standInFor(input: unknown, name: string | undefined): Promise<unknown> {
    const board = await startVirtualBoard({
      nodes: simulatedSlots(input),
      dir: path.join(this.folder, 'virtual-board', name ?? ''),
      password: this.#password,
      boot: 'shell',
      clock: { scale: CLOCK_SCALE },
      emmcSizeBytes: EMMC_BYTES,
    });
    this.#started.use('simulated board', board);
    const place = { cacheDir: path.join(this.folder, 'cache'), board, password: this.#password };
    const { input: rehearsed, leftOut } = rehearsedInput(input, place);
    this.#standIns.push({ name, board, leftOut });
    return rehearsed;
  }

  /** Where they are, for people, one sentence each. */
  get places(): readonly string[] {
    return this.#standIns.map(({ name, board: { https } }) => {
      const at = `simulated board at https://${https.host}:${https.port}`;
      return name === undefined
        ? `This is a rehearsal, on a ${at}.`
        : `This is a rehearsal: ${name} is a ${at}.`;
    });
  }

  /** What is not rehearsed, one sentence each, with the boards that it is about where they have names. */
  get leftOut(): readonly string[] {
    const texts = new Set(this.#standIns.flatMap(({ leftOut }) => leftOut));
    return [...texts].map((text) => {
      const names = this.#standIns.flatMap(({ name, leftOut }) =>
        name !== undefined && leftOut.includes(text) ? [name] : [],
      );
      return names.length === 0 ? text : `${names.join(', ')}: ${text}`;
    });
  }

  /** What was done to simulated nodes and nobody had approved. */
  get findings(): readonly string[] {
    return this.#standIns.flatMap(({ name, board }) =>
      board.findings.map((finding) => `${name === undefined ? '' : `${name}: `}${describeFinding(finding)}`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started[Symbol.asyncDispose]();
  }
}
