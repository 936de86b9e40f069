import { wordOf } from '../process/phase-words.js';
import type { RunEvent, TuringPiEvent } from '@turingpi/core';
import { describeEvent } from './describe-event.js';
import { formatDuration } from './format.js';
import { placeOf } from './place-of.js';
import { printable, printableLines } from './printable.js';

/** An event of a run on file as lines, each with its time; types that a newer version writes have none. */
export function describeRunEvent(event: RunEvent): readonly string[] {
  const [first, ...more] = linesOf(event);
  if (first === undefined) return [];
  const time = printable(event.at.slice(11, 19));
  const place = 'nodeId' in event ? `${placeOf(event)}: ` : '';
  return [`${time} ${place}${first}`, ...more.map((line) => `           ${line}`)].map(printableLines);
}

function linesOf(event: RunEvent): readonly string[] {
  switch (event.type) {
    case 'run:started': {
      const { runId, command, version, pid, host, boards, nodes } = event;
      return [
        `run ${runId} started: ${command} (${version}), process ${pid} on ${host}`,
        ...boards.map(({ name, address, simulated }) =>
          [`board ${name ?? ''}`.trim(), address, ...(simulated === true ? ['(simulated)'] : [])].join(' '),
        ),
        ...nodes.map(
          (node) => `${placeOf(node)}: ${node.module}, ${node.os ?? 'any system'}, ${node.address}`,
        ),
      ];
    }
    case 'run:cancelling':
      return [`stopping, asked by ${event.by}`];
    case 'run:note':
      return [`note: ${event.text}`];
    case 'run:ended':
      return [`run ${event.outcome} after ${formatDuration(event.durationMs)}`];
    default:
      return linesOfNode(event);
  }
}

function linesOfNode(event: TuringPiEvent): readonly string[] {
  switch (event.type) {
    case 'node:started':
      return ['begins'];
    case 'node:completed':
      return [`completed in ${formatDuration(event.durationMs)}`];
    case 'node:failed':
      return [`failed after ${formatDuration(event.durationMs)}: ${event.code}`];
    case 'node:blocked':
      return [`left as it is: ${event.code}`];
    case 'phase:started':
      return [
        describeEvent(event) ?? '',
        ...(event.changes ?? []).map(({ name, before, after }) => `${name}: ${before} → ${after}`),
      ];
    case 'phase:failed':
    case 'phase:blocked':
      return [describeEvent(event) ?? '', ...detailsOf(event)];
    case 'resource:acquired':
      return [`${wordOf(event.phase)} has ${event.resource}, waited ${formatDuration(event.waitedMs)}`];
    case 'resource:released':
      return [`${wordOf(event.phase)} gave ${event.resource} back`];
    case 'action:started':
      return [`action ${event.index + 1} ${event.action}${event.note === undefined ? '' : ` ${event.note}`}`];
    case 'action:replayed':
      return [`action ${event.index + 1} ${event.action} is on record`];
    case 'action:completed': {
      const changed = { true: ', changed', false: ', unchanged' }[String(event.changed)] ?? '';
      return [`action ${event.index + 1} completed in ${formatDuration(event.durationMs)}${changed}`];
    }
    case 'action:failed':
      return [`action ${event.index + 1} failed: ${event.code}: ${event.message}`, ...detailsOf(event)];
    default: {
      const line = describeEvent(event);
      return line === undefined ? [] : [line];
    }
  }
}

function detailsOf({ hint, console: lines = [] }: { hint?: string; console?: readonly string[] }) {
  return [
    ...(hint === undefined ? [] : [hint]),
    ...(lines.length === 0 ? [] : ['the end of its serial console:']),
    ...lines.map((line) => `| ${line}`),
  ];
}
