import { errorRecord } from '../render/error.js';
import { formatDuration } from '../render/format.js';
import { placeOf, slotOf } from '../render/place-of.js';
import { printable, printableLines } from '../render/printable.js';
import type { Terminal } from '../process/terminal.js';
import type { NamedNode } from './named-nodes.js';
import type { NodeOutcome } from './on-each-node.js';

/** A node as programs read it. */
export function nodeFields({ node: { id, board, hostname } }: NamedNode) {
  return { node: id, ...(board === undefined ? {} : { board }), hostname };
}

/** A node by its slot, for people. */
export function slotOfNode({ node: { id, board } }: NamedNode): string {
  return slotOf({ nodeId: id, ...(board === undefined ? {} : { board }) });
}

/** A node with its name, for people. */
export function placeOfNode({ node: { id, board, hostname } }: NamedNode): string {
  return placeOf({ nodeId: id, hostname, ...(board === undefined ? {} : { board }) });
}

/**
 * Tells how work on several nodes ended: a line for each on standard error, where it is in the way of no output; or as JSON
 * lines on standard output.
 *
 * @param words - what is said of a result
 * @param data - what programs are told of it
 */
export function reportNodes<T>(
  outcomes: readonly NodeOutcome<T>[],
  terminal: Terminal,
  {
    json,
    redact,
    words,
    data,
  }: {
    readonly json: boolean;
    readonly redact: (named: NamedNode, text: string) => string;
    readonly words: (result: T) => string;
    readonly data: (result: T) => object;
  },
): void {
  for (const outcome of outcomes) {
    const { named, durationMs } = outcome;
    if (json) {
      const how =
        'error' in outcome
          ? {
              error: {
                ...errorRecord(outcome.error),
                message: redact(named, errorRecord(outcome.error).message),
              },
            }
          : data(outcome.result);
      terminal.stdout.write(
        `${JSON.stringify({ event: 'result', ...nodeFields(named), ...how, durationMs })}\n`,
      );
      continue;
    }
    const { code, message, hint } = 'error' in outcome ? errorRecord(outcome.error) : {};
    const said =
      'error' in outcome
        ? `${code ?? ''}: ${printableLines(redact(named, message ?? ''))}${hint === undefined ? '' : `\n  ${printable(hint)}`}`
        : words(outcome.result);
    terminal.stderr.write(`${slotOfNode(named)}  ${said}  (${formatDuration(durationMs)})\n`);
  }
}
