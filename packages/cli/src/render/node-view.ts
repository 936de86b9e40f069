import type { PhaseStage, TuringPiEvent } from '@turingpi/core';
import type { Progress } from '@turingpi/foundation';
import { wordOf } from '../process/phase-words.js';
import { formatDuration } from './format.js';
import type { Tone } from './palette.js';

/** What a terminal shows of a node while a run goes on. */
export interface NodeView {
  readonly hostname: string;
  readonly phase?: PhaseStage;
  readonly progress?: Progress;
  /** When it began what it is doing, in milliseconds of the clock that the events have. */
  readonly since: number;
  /** What has become of it, or what it waits for, where nothing of it is under way. */
  readonly said?: { readonly text: string; readonly tone: Tone };
}

/** A node after an event; the same view where a terminal has nothing to say of it. */
export function advanceNode(view: NodeView | undefined, event: TuringPiEvent): NodeView | undefined {
  const since = Date.parse(event.at);
  const { hostname } = event;
  const said = (text: string, tone: Tone): NodeView => ({ hostname, since, said: { text, tone } });
  switch (event.type) {
    case 'node:started':
      return said('waiting', 'quiet');
    case 'node:completed':
      return said(`done in ${formatDuration(event.durationMs)}`, 'good');
    case 'node:failed':
      return said(`failed: ${event.code}`, 'bad');
    case 'node:blocked':
      return said(`left as it is: ${event.code}`, 'attention');
    case 'node:aborted':
      return said('stopped', 'attention');
    case 'phase:skipped':
      return said(`${wordOf(event.phase)} stands`, 'quiet');
    case 'phase:completed':
      return said(`${wordOf(event.phase)} done`, 'good');
    case 'phase:failed':
      if (event.code === 'ABORTED') return said(`${wordOf(event.phase)} stopped`, 'attention');
      return said(`${wordOf(event.phase)} failed: ${event.code}`, 'bad');
    case 'phase:blocked':
      return said(`${wordOf(event.phase)} not run: ${event.code}`, 'attention');
    case 'phase:started':
      return { hostname, since, phase: wordOf(event.phase) };
    case 'phase:progress': {
      if (event.progress.warning === true) return view;
      const phase = wordOf(event.phase);
      const goesOn = view?.phase === phase && view.progress?.activity === event.progress.activity;
      return { hostname, phase, progress: event.progress, since: goesOn ? view.since : since };
    }
    default:
      return view; // the phase's progress and end tell as much as fits here
  }
}
