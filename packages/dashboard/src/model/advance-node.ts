import { advanceActions, endOpenActions } from './advance-actions.js';
import { advancePhases, endOpenPhases } from './advance-phases.js';
import type { NodeRunEvent } from './node-run-event.js';
import { failureOf } from './failure.js';
import type { NodeView, ResourceSpan } from './run-view.js';

/** What one event makes of its node. @param at - when it happened, in milliseconds since 1970 */
export function advanceNode(node: NodeView, event: NodeRunEvent, at: number): NodeView {
  switch (event.type) {
    case 'node:started': {
      const { failure: _earlier, to: _end, ...begun } = node;
      return { ...begun, status: 'running', from: node.from ?? at };
    }
    case 'node:completed':
      return { ...endOpen(node, at, 'completed'), status: 'completed', to: at };
    case 'node:failed':
      return { ...endOpen(node, at, 'failed'), status: 'failed', failure: failureOf(event), to: at };
    case 'node:blocked':
      return { ...endOpen(node, at, 'aborted'), status: 'blocked', failure: failureOf(event), to: at };
    case 'node:aborted':
      return { ...endOpen(node, at, 'aborted'), status: 'aborted', to: at };
    case 'phase:started':
    case 'phase:progress':
    case 'phase:skipped':
    case 'phase:completed':
    case 'phase:blocked':
    case 'phase:failed':
      return {
        ...running(node, at),
        phases: advancePhases(node.phases, event, at),
        actions: event.type === 'phase:failed' ? endOpenActions(node.actions, at) : node.actions,
        power: powerAfter(node, event),
      };
    case 'resource:acquired': {
      const { resource, phase, waitedMs } = event;
      return {
        ...running(node, at),
        resources: [...node.resources, { resource, phase, waitedMs, from: at }],
      };
    }
    case 'resource:released':
      return { ...node, resources: released(node.resources, event.resource, at) };
    case 'action:started':
    case 'action:replayed':
    case 'action:completed':
    case 'action:failed':
      return {
        ...running(node, at),
        actions: advanceActions(node.actions, event, at),
        power: event.type === 'action:completed' ? 'on' : node.power,
      };
    default:
      return node; // of a later version
  }
}

/** What is still open when a node or a run ends has ended with it. */
export function endOpen(node: NodeView, at: number, as: 'completed' | 'failed' | 'aborted'): NodeView {
  const open = node.status === 'running';
  return {
    ...node,
    ...(open ? { status: as, to: at } : {}),
    phases: endOpenPhases(node.phases, at, as),
    actions: endOpenActions(node.actions, at),
    resources: node.resources.map((span) => (span.to === undefined ? { ...span, to: at } : span)),
  };
}

function running(node: NodeView, at: number): NodeView {
  return node.status === 'waiting' ? { ...node, status: 'running', from: at } : node;
}

function released(spans: readonly ResourceSpan[], resource: string, at: number): readonly ResourceSpan[] {
  const place = spans.findLastIndex((span) => span.resource === resource && span.to === undefined);
  const span = spans[place];
  return span === undefined ? spans : spans.with(place, { ...span, to: at });
}

/** Activities during which the node has been switched on; what is told before may be said while it is off. */
const ON = new Set(['power on', 'wait for SSH', 'first login', 'wait for first boot', 'connect']);

function powerAfter(node: NodeView, event: Extract<NodeRunEvent, { phase: unknown }>): NodeView['power'] {
  if (event.phase === 'image_customization') return node.power;
  if (event.type === 'phase:completed') return 'on';
  if (event.type === 'phase:failed' && node.power === 'switched') return 'unknown';
  if (event.type === 'phase:progress' && ON.has(event.progress.activity)) return 'on';
  // A strategy switches the node off and on as it needs; only its end tells how.
  return event.type === 'phase:started' && event.phase === 'os_installation' ? 'switched' : node.power;
}
