import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { ApprovalStatement } from '../orchestrator/signed-approval.js';

/** The approvals that were used up, as JSON lines: one is for one installation. */
export class ApprovalLedger {
  constructor(private readonly file: string) {}

  /**
   * Refuses an approval with which an installation came to its end.
   *
   * @throws FleetError `APPROVAL_USED`; also when the ledger is damaged, since any line may have been about this one.
   */
  async assertUnused({ id, board, node }: ApprovalStatement): Promise<void> {
    const used = await this.#ids();
    if (used !== undefined && !used.has(id)) return;
    const place = `node ${node} of ${board}`;
    if (used === undefined)
      throw new FleetError('APPROVAL_USED', `whether the approval for ${place} was used cannot be told`, {
        hint: `A line of ${this.file} is damaged. Remove that line; then approve again with \`turingpi fleet approve\`.`,
      });
    throw new FleetError(
      'APPROVAL_USED',
      `${place} was installed with this approval already: it is for one installation`,
      {
        hint: 'Approve it again: `turingpi fleet approve`.',
      },
    );
  }

  /** Notes, durably, that an installation came to its end with it. */
  async use({ id, board, node, operator, plan }: ApprovalStatement, now: Date): Promise<void> {
    await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
    const handle = await open(this.file, 'a', 0o600);
    try {
      await handle.write(`${JSON.stringify({ at: now.toISOString(), id, board, node, operator, plan })}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** Undefined where a line is none. */
  async #ids(): Promise<ReadonlySet<string> | undefined> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set();
      throw error;
    }
    try {
      const lines = text.split('\n').filter((line) => line !== '');
      return new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id));
    } catch {
      return undefined;
    }
  }
}
