import type { TuringPiEvent } from '@turingpi/core';
import { wordOf } from '../process/phase-words.js';
import { describeProgress } from './describe-progress.js';
import { formatDuration } from './format.js';
import { withLocalTimes } from './local-time.js';

/** What happened to a node, as one line; undefined for what needs none of its own. */
export function describeEvent(event: TuringPiEvent): string | undefined {
  switch (event.type) {
    case 'phase:started': {
      const { phase, reason, note } = event;
      return `${wordOf(phase)} started (${reason}${note === undefined ? '' : `: ${withLocalTimes(note)}`})`;
    }
    case 'phase:skipped':
      return `${wordOf(event.phase)} skipped, ${withLocalTimes(event.note ?? 'nothing changed')}`;
    case 'phase:blocked':
      return `${wordOf(event.phase)} not run: ${event.code}: ${event.message}`;
    case 'phase:completed':
      return `${wordOf(event.phase)} completed in ${formatDuration(event.durationMs)}`;
    case 'phase:failed':
      if (event.code === 'ABORTED') return `${wordOf(event.phase)} stopped`;
      return `${wordOf(event.phase)} failed: ${event.code}: ${event.message}`;
    case 'phase:progress':
      return `${wordOf(event.phase)}: ${describeProgress(event.progress)}`;
    case 'node:aborted':
      return 'stopped';
    case 'node:failed':
    case 'node:blocked':
    case 'node:started':
    case 'node:completed':
    case 'resource:acquired':
    case 'resource:released':
    case 'action:started':
    case 'action:replayed':
    case 'action:completed':
    case 'action:failed':
      return undefined;
  }
}
