import { type NodeSummary, type PhaseSummary } from '@turingpi/core';
import { Node1, Node2, Node3, Node4 } from '@turingpi/foundation';
import { expect, it } from 'vitest';
import { UsageError } from '../process/usage-error.js';
import { createPalette } from './palette.js';
import { renderRunSummary } from './run-summary.js';

type Outcome = PhaseSummary['outcome'];

function node(
  nodeId: NodeSummary['nodeId'],
  outcome: NodeSummary['outcome'],
  [image, install, post]: readonly [Outcome, Outcome, Outcome],
  error?: unknown,
): NodeSummary {
  const phase = (what: Outcome): PhaseSummary => ({
    outcome: what,
    durationMs: what === 'completed' ? 3000 : 0,
  });
  const phases = {
    image_customization: phase(image),
    os_installation: phase(install),
    post_installation: phase(post),
  };
  return { nodeId, hostname: `site-${nodeId}`, outcome, durationMs: 500_000, phases, error };
}

const NODES = [
  node(Node1, 'completed', ['completed', 'completed', 'completed']),
  node(Node2, 'completed', ['skipped', 'skipped', 'skipped']),
  node(Node3, 'failed', ['completed', 'failed', 'not run'], new UsageError('no module', 'look')),
  node(Node4, 'aborted', ['completed', 'not run', 'not run']),
];

it('is one line for each node, what failed, and what to do next', () => {
  const text = renderRunSummary(
    { runId: 'r', completed: false, durationMs: 502_000, nodes: NODES, remarks: ['Removed old.img.xz.'] },
    {
      addressOf: ({ nodeId }) => `10.0.0.${nodeId}`,
      leftAs: () => 'its disk was not touched',
      next: ['turingpi up'],
    },
    { columns: 80, palette: createPalette({}, {}) },
  );
  expect(text.split('\n')).toEqual([
    'node   name    address',
    'Node1  site-1  10.0.0.1  done in 8 min 20 s: image 3.0 s, install 3.0 s, post',
    '                         3.0 s',
    'Node2  site-2  10.0.0.2  nothing to do',
    'Node3  site-3  10.0.0.3  failed in install: USAGE',
    'Node4  site-4  10.0.0.4  stopped after image 3.0 s; its disk was not touched',
    'Node3 failed: USAGE: no module',
    '  look',
    '2 of 4 nodes as they should be, after 8 min 22 s.',
    'Removed old.img.xz.',
    '  turingpi up',
    '',
  ]);
});
