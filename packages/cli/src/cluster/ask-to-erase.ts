import { createInterface } from 'node:readline/promises';
import type { EraseApproval } from '@turingpi/core';
import { type Erasure, nodeName } from '@turingpi/foundation';
import { canAsk } from '../process/confirm.js';
import type { Terminal } from '../process/terminal.js';
import { printable } from '../render/printable.js';

/** What a run needs of its display to ask a question. */
export interface Asking {
  readonly signal: AbortSignal;
  note(text: string): void;
  /** Keeps the place clear while somebody is asked. */
  aside<T>(ask: () => Promise<T>): Promise<T>;
}

/** Who may erase what where nothing was said: the person at the terminal, once for all nodes; else nobody. */
export function eraseApproval(terminal: Terminal, asking: Asking): EraseApproval {
  if (!canAsk(terminal)) return 'none';
  return {
    decide: (erasures) =>
      asking.aside(async () => {
        asking.note(describeErasures(erasures));
        const prompt = createInterface({ input: process.stdin, output: terminal.stdout });
        try {
          const names = erasures.map(placeOfErasure).join(', ');
          const answer = await prompt.question(`Erase ${names}? [y/N] `, { signal: asking.signal });
          return /^y(es)?$/i.test(answer.trim()) ? erasures : [];
        } finally {
          prompt.close();
        }
      }),
  };
}

/** What is to be erased, and why, a few lines for each node. */
export function describeErasures(erasures: readonly Erasure[]): string {
  return erasures
    .flatMap(({ hostname, disk, loss, changes, board, ...place }) => [
      `${placeOfErasure(place)} ${hostname}: its ${disk}${board === undefined ? '' : ` (board ${board})`} is to be erased: ${loss}.`,
      ...changes.map(({ name, before, after }) => `    ${name}: ${before} → ${after}`),
    ])
    .map(printable)
    .join('\n');
}

function placeOfErasure({ node, boardName }: Pick<Erasure, 'node' | 'boardName'>): string {
  return `${boardName === undefined ? '' : `${boardName}/`}${nodeName(node)}`;
}
