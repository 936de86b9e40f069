import { type ClusterSummary, type NodeSummary, PHASES } from '@turingpi/core';
import { wordOf } from '../process/phase-words.js';
import { errorRecord } from './error.js';
import { formatDuration } from './format.js';
import type { Palette, Tone } from './palette.js';
import { slotOf } from './place-of.js';
import { printable, printableLines } from './printable.js';
import type { RunEnd } from './run-end.js';
import { renderTable } from './table.js';
import { wrapped } from './wrapped.js';

/** How a run went, one line for each node; below them what went wrong, and what to do next. */
export function renderRunSummary(
  { nodes, durationMs, remarks = [] }: ClusterSummary,
  { addressOf, leftAs, next = [] }: RunEnd,
  { columns, palette }: { readonly columns: number | undefined; readonly palette: Palette },
): string {
  const rows = nodes.map((node) => {
    const { text, tone } = outcomeOf(node, leftAs?.(node));
    const address = addressOf === undefined ? [] : [printable(addressOf(node) ?? '')];
    return [slotOf(node), printable(node.hostname), ...address, palette(tone, printable(text))];
  });
  const head = ['node', 'name', ...(addressOf === undefined ? [] : ['address']), ''];
  const done = nodes.filter(({ outcome }) => outcome === 'completed').length;
  return [
    renderTable(head, rows, columns),
    ...nodes.flatMap((node) => failureOf(node, palette)).map((text) => inLines(text, columns)),
    `${done} of ${nodes.length} nodes as they should be, after ${formatDuration(durationMs)}.\n`,
    ...remarks.map((text) => inLines(`${printable(text)}\n`, columns)),
    ...next.map((line) => inLines(`  ${printableLines(line)}\n`, columns)),
  ].join('');
}

function inLines(text: string, columns: number | undefined): string {
  return text
    .split('\n')
    .map((line) => wrapped(line, columns))
    .join('\n');
}

function outcomeOf(
  node: NodeSummary,
  left: string | undefined,
): { readonly text: string; readonly tone: Tone } {
  const { outcome, durationMs, error } = node;
  const done = PHASES.filter((phase) => node.phases[phase].outcome === 'completed');
  const times = done.map((phase) => `${wordOf(phase)} ${formatDuration(node.phases[phase].durationMs)}`);
  switch (outcome) {
    case 'completed':
      if (done.length === 0) return { text: 'nothing to do', tone: 'quiet' };
      return { text: `done in ${formatDuration(durationMs)}: ${times.join(', ')}`, tone: 'good' };
    case 'aborted': {
      const before = times.length === 0 ? '' : ` after ${times.join(', ')}`;
      return { text: `stopped${before}${left === undefined ? '' : `; ${left}`}`, tone: 'attention' };
    }
    case 'failed':
      return { text: `failed${whereOf(node)}: ${errorRecord(error).code}`, tone: 'bad' };
    case 'blocked': {
      const { code } = errorRecord(error);
      return {
        text: code === 'NEEDS_REINSTALL' ? 'needs reinstall' : `left as it is: ${code}`,
        tone: 'attention',
      };
    }
    case 'unreachable':
      return { text: 'does not answer', tone: 'attention' };
  }
}

function whereOf({ phases }: NodeSummary): string {
  const phase = PHASES.find((one) => phases[one].outcome === 'failed');
  return phase === undefined ? '' : ` in ${wordOf(phase)}`;
}

/** The message of what kept a node from its end, and what to do about it. */
function failureOf(node: NodeSummary, palette: Palette): string[] {
  if (node.outcome === 'completed' || node.outcome === 'aborted') return [];
  const { code, message, hint } = errorRecord(node.error);
  const outcome = code === 'NEEDS_REINSTALL' ? 'needs reinstall' : node.outcome;
  const tone = node.outcome === 'failed' ? 'bad' : 'attention';
  return [
    `${palette(tone, `${slotOf(node)} ${outcome}`)}: ${printableLines(`${code}: ${message}`)}\n`,
    ...(hint === undefined ? [] : [`  ${printableLines(hint)}\n`]),
  ];
}
