import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BoardState, SignedApproval, StepFailure } from '@turingpi/fleet/orchestrator';
import type { FleetFolder, FleetProcess, Line } from '../../fleet/fleet-folder.js';

/** A rollout that installs boards anew, begun by the command, and what it tells. */
export class LabRollout {
  /** The exit code. */
  readonly ended: Promise<number | null>;

  private constructor(
    private readonly process: FleetProcess,
    readonly id: string,
  ) {
    this.ended = new Promise((resolve) => {
      if (process.child.exitCode === null) process.child.once('close', resolve);
      else resolve(process.child.exitCode);
    });
  }

  /** Resolves when it has begun. */
  static async begin(
    centre: FleetFolder,
    plan: string,
    approvals: readonly SignedApproval[],
  ): Promise<LabRollout> {
    const file = 'approvals-now.json';
    await writeFile(path.join(centre.directory, file), JSON.stringify(approvals));
    const process = centre.begin(['reinstall', plan, '--approvals', file]);
    const { rollout } = await process.line(({ type }) => type === 'rollout:started');
    return new LabRollout(process, String(rollout));
  }

  get events(): readonly Line[] {
    return this.process.lines;
  }

  /** What became of a board, as far as it was told. */
  stateOf(board: string): BoardState | undefined {
    const last = this.events.findLast(({ type, board: of }) => type === 'board:ended' && of === board);
    return last?.['state'] as BoardState | undefined;
  }

  /** The codes with which steps failed. */
  get failures(): readonly string[] {
    return this.events.flatMap(({ type, failure }) =>
      type === 'step:failed' ? [(failure as StepFailure).code] : [],
    );
  }

  /** Waits for an event. @throws Error when it ends before. */
  event(isMeant: (event: Line) => boolean): Promise<Line> {
    return this.process.line(isMeant);
  }

  /** Waits for something that happens while it goes on. @throws Error when it ends before. */
  async before<T>(happening: Promise<T>): Promise<T> {
    const none = Symbol('ended');
    const first = await Promise.race([happening, this.ended.then(() => none)]);
    if (first === none) throw new Error(`the rollout ended too soon: ${JSON.stringify(this.events.at(-1))}`);
    return first as T;
  }
}
