import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Output } from '../process/terminal.js';
import { TerminalScreen } from '../render/terminal-screen.fixture.js';
import { AskedNodes } from './asked-nodes.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const asking = (stderr: Output, quiet = false) =>
  new AskedNodes({ environment: {}, stdout: new PassThrough(), stderr, cwd: '/', quiet }, [
    'Node1 a',
    'Node2 b',
  ]);

it('says whom it waits for, and for how long, once and with each answer', () => {
  const stderr = new PassThrough();
  using nodes = asking(stderr);
  vi.advanceTimersByTime(12_000);
  nodes.answered('Node2 b');
  nodes.answered('Node1 a');
  expect(String(stderr.read())).toBe(
    'asking Node1 a, Node2 b (1.0 s)\nNode2 b is done; asking Node1 a (12 s)\n',
  );
});

it('says nothing of what takes no time, nor to whom wants it quiet', () => {
  const stderr = new PassThrough();
  {
    using nodes = asking(stderr);
    nodes.answered('Node1 a');
  }
  using quiet = asking(stderr, true);
  vi.advanceTimersByTime(12_000);
  quiet.answered('Node1 a');
  expect(stderr.read()).toBeNull();
});

it('draws one line anew in a terminal, and leaves nothing of it', async () => {
  const screen = new TerminalScreen(80);
  const nodes = asking(screen.output);
  vi.advanceTimersByTime(3000);
  expect(await screen.lines()).toEqual(['asking Node1 a, Node2 b (3.0 s)']);
  nodes.answered('Node1 a');
  vi.advanceTimersByTime(9000);
  expect(await screen.lines()).toEqual(['asking Node2 b (12 s)']);
  nodes[Symbol.dispose]();
  expect(await screen.lines()).toEqual([]);
});
