import type { Line } from '../../fleet/fleet-folder.js';
import type { SaidLine } from './lab-agents.js';

/**
 * What is wrong with what happened, by the events of a rollout over all boards and by what agents said.
 *
 * @param order - of the boards, and how many at a time
 */
export function wrongOrder(
  events: readonly Line[],
  said: readonly SaidLine[],
  { boards, atOnce }: { readonly boards: readonly string[]; readonly atOnce: number },
): readonly string[] {
  const wrong: string[] = [];
  const running = new Set<unknown>();
  const begun: unknown[] = [];
  let most = 0;
  for (const [index, { number, type, board }] of events.entries()) {
    if (number !== index + 1) wrong.push(`event ${index + 1} has the number ${String(number)}`);
    if (type === 'board:started') {
      running.add(board);
      begun.push(board);
    }
    if (type === 'board:ended') running.delete(board);
    most = Math.max(most, running.size);
  }
  if (most !== atOnce) wrong.push(`${most} boards ran at a time, not ${atOnce}`);
  if (begun.join() !== boards.join()) wrong.push(`the boards began as ${begun.join()}`);
  return [...wrong, ...repeatedSteps(said), ...imagesThatChanged(events)];
}

/** Steps that were done although they had been: by somebody to whom that was not known. */
function repeatedSteps(said: readonly SaidLine[]): readonly string[] {
  const by = new Map<string, string[]>();
  for (const { type, outcome, board, node, step, computer } of said) {
    if (type !== 'step:completed' || outcome !== 'done') continue;
    const name = `${String(step)} of ${String(board)}/${String(node)}`;
    by.set(name, [...(by.get(name) ?? []), computer]);
  }
  return [...by]
    .filter(([, computers]) => computers.length > 1)
    .map(([name, computers]) => `${name} was done by ${computers.join(' and by ')}`);
}

/** What was installed is what was made before, whoever did the one and the other. */
function imagesThatChanged(events: readonly Line[]): readonly string[] {
  const made = new Map<string, unknown>();
  const wrong: string[] = [];
  for (const { type, step, board, node, result } of events) {
    if (type !== 'step:completed') continue;
    const name = `${String(board)}/${String(node)}`;
    const { image } = (result as { readonly digests: { readonly image?: string } }).digests;
    if (step === 'customise') made.set(name, image);
    if (step === 'install' && made.get(name) !== image) wrong.push(`${name}: its image was made anew`);
  }
  return wrong;
}
