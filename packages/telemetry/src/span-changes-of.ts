import type { Attributes } from '@opentelemetry/api';
import type { LiveRunEvent } from '@turingpi/core/plugin';
import type { SpanChange, SpanFailure, SpanPath } from './span-change.js';

type EventOf<T extends LiveRunEvent['type']> = Extract<LiveRunEvent, { readonly type: T }>;
type NodeRunEvent = Extract<LiveRunEvent, { readonly nodeId: unknown }>;
type ActionRunEvent = Extract<LiveRunEvent, { readonly action: string }>;

/**
 * What one event of a run means for its spans.
 *
 * @remarks Only what programs branch on, names, times, and the message of a failure get into spans: never a remark on an
 * action, the values of inputs, or a console.
 */
export function spanChangesOf(event: LiveRunEvent): readonly SpanChange[] {
  const at = new Date(event.at);
  switch (event.type) {
    case 'run:started':
      return [{ ...spanOfRun(event), at, does: 'begin', attributes: ofRun(event) }];
    case 'run:ended': {
      const { outcome } = event;
      return [{ ...spanOfRun(event), at, does: 'end', outcome, durationMs: event.durationMs }];
    }
    case 'run:note':
      return [{ path: [event.runId], name: 'note', at, does: 'remark', attributes: { text: event.text } }];
    case 'run:cancelling':
      return [{ path: [event.runId], name: 'cancelling', at, does: 'remark', attributes: { by: event.by } }];
    case 'action:started':
    case 'action:replayed':
    case 'action:completed':
    case 'action:failed':
      return ofAction(event, at);
    default:
      return 'phase' in event ? ofPhase(event, at) : ofNode(event, at);
  }
}

function spanOfRun({ runId, ...event }: EventOf<'run:started' | 'run:ended'>) {
  return { path: [runId], name: 'command' in event ? `turingpi ${event.command}` : 'turingpi' };
}

function ofRun({ runId, command, version, boards, nodes }: EventOf<'run:started'>): Attributes {
  return {
    'turingpi.run.id': runId,
    'turingpi.command': command,
    'turingpi.version': version,
    'turingpi.boards': boards.map(({ name, address }) => name ?? address),
    'turingpi.nodes': nodes.length,
    ...(boards.some(({ simulated }) => simulated === true) ? { 'turingpi.simulated': true } : {}),
  };
}

function ofNode(event: Exclude<NodeRunEvent, { readonly phase: unknown }>, at: Date): readonly SpanChange[] {
  const span = { path: pathOfNode(event), name: `node ${event.nodeId}`, at, attributes: factsOfNode(event) };
  if (event.type === 'node:started') return [{ ...span, does: 'begin' }];
  const { durationMs } = event;
  const end = { ...span, does: 'end', durationMs } as const;
  if (event.type === 'node:completed') return [{ ...end, outcome: 'completed' }];
  if (event.type === 'node:aborted') return [{ ...end, outcome: 'aborted' }];
  const outcome = event.type === 'node:failed' ? 'failed' : 'blocked';
  return [{ ...end, outcome, failure: failureOf(event) }];
}

type PhaseRunEvent = Exclude<Extract<NodeRunEvent, { readonly phase: unknown }>, ActionRunEvent>;

function ofPhase(event: PhaseRunEvent, at: Date): readonly SpanChange[] {
  const { phase } = event;
  const span = { path: pathOfPhase(event), name: phase, at, attributes: factsOfNode(event) };
  switch (event.type) {
    case 'phase:started': {
      const changed = event.changes?.map(({ name }) => name) ?? [];
      const why = {
        'turingpi.reason': event.reason,
        ...(changed.length === 0 ? {} : { 'turingpi.changed_inputs': changed }),
      };
      return [{ ...span, does: 'begin', attributes: { ...span.attributes, ...why } }];
    }
    case 'phase:skipped':
      return [{ ...span, does: 'end', outcome: 'skipped' }];
    case 'phase:completed':
      return [{ ...span, does: 'end', outcome: 'completed', durationMs: event.durationMs }];
    case 'phase:failed': {
      const { durationMs } = event;
      return [{ ...span, does: 'end', outcome: 'failed', durationMs, failure: failureOf(event) }];
    }
    case 'phase:blocked':
      return [{ ...span, does: 'end', outcome: 'blocked', failure: failureOf(event) }];
    case 'resource:acquired': {
      const { resource, waitedMs } = event;
      const attributes = { resource, waited_ms: waitedMs };
      return [
        { ...span, does: 'begin', agoMs: waitedMs }, // a phase may wait before it is said to have started
        { ...span, name: event.type, does: 'remark', attributes },
      ];
    }
    case 'resource:released':
      return [{ ...span, name: event.type, does: 'remark', attributes: { resource: event.resource } }];
    case 'phase:progress':
      return []; // up to one a second: a span holds 128 remarks
  }
}

function ofAction(event: ActionRunEvent, at: Date): readonly SpanChange[] {
  const { action, index } = event;
  const attributes = { ...factsOfNode(event), 'turingpi.action': action, 'turingpi.action.index': index };
  const span = { path: [...pathOfPhase(event), String(index)], name: action, at, attributes };
  if (event.type === 'action:started') return [{ ...span, does: 'begin' }];
  if (event.type === 'action:replayed') {
    // Before its first action that is really done, a phase is not said to have started, and it may come to nothing.
    const phase = { path: pathOfPhase(event), name: event.phase, at, attributes: factsOfNode(event) };
    return [
      { ...phase, does: 'begin' },
      { ...span, does: 'end', outcome: 'replayed' },
    ];
  }
  const end = { ...span, does: 'end', durationMs: event.durationMs } as const;
  if (event.type === 'action:failed') return [{ ...end, outcome: 'failed', failure: failureOf(event) }];
  const { changed } = event;
  const told = changed === undefined ? attributes : { ...attributes, 'turingpi.changed': changed };
  return [{ ...end, outcome: 'completed', attributes: told }];
}

/** Nodes of several boards have the same numbers. */
function pathOfNode({ runId, board = '', nodeId }: NodeRunEvent): SpanPath {
  return [runId, `${nodeId} ${board}`];
}

function pathOfPhase(event: PhaseRunEvent | ActionRunEvent): SpanPath {
  return [...pathOfNode(event), event.phase];
}

function factsOfNode({ nodeId, hostname, board }: NodeRunEvent): Attributes {
  return {
    'turingpi.node.id': nodeId,
    'turingpi.node.hostname': hostname,
    ...(board === undefined ? {} : { 'turingpi.board': board }),
  };
}

function failureOf({ code, message }: SpanFailure): SpanFailure {
  return { code, message };
}
