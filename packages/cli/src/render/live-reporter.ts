import type { ClusterSummary, TuringPiEvent } from '@turingpi/core';
import cliTruncate from 'cli-truncate';
import { createLogUpdate } from 'log-update';
import type { Output } from '../process/terminal.js';
import { describeProgress } from './describe-progress.js';
import { formatDuration } from './format.js';
import { PlainReporter } from './plain-reporter.js';
import { slotOf } from './place-of.js';
import { printable } from './printable.js';
import type { Reporter } from './reporter.js';

interface NodeLine {
  readonly hostname: string;
  readonly text: string;
}

/** For a terminal: finished phases scroll up, one live line per node stays below. */
export class LiveReporter implements Reporter {
  readonly #output: Output;
  readonly #plain: PlainReporter;
  readonly #lines = new Map<string, NodeLine>();
  readonly #draw: ReturnType<typeof createLogUpdate>;

  constructor(output: Output) {
    this.#output = output;
    this.#plain = new PlainReporter(output);
    this.#draw = createLogUpdate(output);
  }

  event(event: TuringPiEvent): void {
    const { hostname } = event;
    const slot = slotOf(event);
    switch (event.type) {
      case 'phase:progress':
        if (event.progress.warning === true) {
          this.#draw.clear();
          this.#plain.event(event); // a line that stays
          break;
        }
        this.#lines.set(slot, { hostname, text: `${event.phase}: ${describeProgress(event.progress)}` });
        break;
      case 'phase:started':
        if (event.note !== undefined) {
          this.#draw.clear();
          this.#plain.event(event); // a line that stays: why it goes on with what another run has left
        }
        this.#lines.set(slot, { hostname, text: `${event.phase} …` });
        break;
      case 'node:started':
        this.#lines.set(slot, { hostname, text: 'waiting' });
        break;
      case 'node:completed':
        this.#lines.set(slot, { hostname, text: `completed in ${formatDuration(event.durationMs)}` });
        break;
      case 'node:failed':
        this.#lines.set(slot, { hostname, text: `failed: ${event.code}` });
        break;
      case 'node:blocked':
        this.#lines.set(slot, { hostname, text: `left as it is: ${event.code}` });
        break;
      case 'node:aborted':
        this.#lines.set(slot, { hostname, text: 'stopped' });
        break;
      case 'resource:acquired':
      case 'resource:released':
      case 'action:started':
      case 'action:replayed':
      case 'action:completed':
      case 'action:failed':
        return; // the phase's progress and end tell as much as fits here
      case 'phase:skipped':
      case 'phase:blocked':
      case 'phase:completed':
      case 'phase:failed':
        this.#draw.clear();
        this.#plain.event(event);
        this.#lines.set(slot, { hostname, text: `${event.phase} ${event.type.slice('phase:'.length)}` });
        break;
    }
    this.#redraw();
  }

  note(text: string): void {
    this.#draw.clear();
    this.#plain.note(text);
    this.#redraw();
  }

  summary(summary: ClusterSummary): void {
    this.#lines.clear();
    this.#draw.clear();
    this.#plain.summary(summary);
  }

  [Symbol.dispose](): void {
    this.#draw.done();
  }

  #redraw(): void {
    const lines = [...this.#lines]
      .sort(([a], [b]) => a.localeCompare(b, 'en'))
      .map(([slot, { hostname, text }]) => this.#fit(`${slot} ${hostname}: ${text}`));
    if (lines.length > 0) this.#draw(lines.join('\n'));
  }

  /** One line of the terminal for each node, so that the lines below stay where they are. */
  #fit(line: string): string {
    const { columns } = this.#output;
    return columns === undefined ? printable(line) : cliTruncate(printable(line), columns - 1);
  }
}
