import { describe, expect, it } from 'vitest';
import { estimateOf, remainingPath } from './remaining-path.js';

const record = (duration_ms?: number) => ({
  status: 'completed' as const,
  timestamp: '2026-01-01T00:00:00.000Z',
  ...(duration_ms === undefined ? {} : { duration_ms }),
});

describe('estimateOf', () => {
  it('is what the phase took last time', () => {
    const state = { Node1: { image_customization: record(7) }, Node2: { image_customization: record(100) } };
    expect(estimateOf(state, 'Node1', 'image_customization')).toBe(7);
  });

  it('is what the phase took on the other nodes where it has never been done on this one', () => {
    const state = {
      Node1: { os_installation: record(10) },
      Node2: { os_installation: record(30) },
      Node4: {},
    };
    expect(estimateOf(state, 'Node4', 'os_installation')).toBe(20);
  });

  it('is that of the installation beneath the one that has begun', () => {
    const running = { status: 'running' as const, timestamp: '', previous: { duration_ms: 5 } };
    expect(estimateOf({ Node1: { os_installation: running } }, 'Node1', 'os_installation')).toBe(5);
  });

  it('knows something of a first run: to write a disk takes longest', () => {
    expect(estimateOf({}, 'Node1', 'os_installation')).toBeGreaterThan(
      estimateOf({ Node1: { image_customization: record() } }, 'Node1', 'image_customization'),
    );
  });
});

describe('remainingPath', () => {
  it('is the sum from a phase on', () => {
    const state = {
      Node1: {
        image_customization: record(1),
        os_installation: record(20),
        post_installation: record(300),
      },
    };
    expect(remainingPath(state, 'Node1', 'image_customization')).toBe(321);
    expect(remainingPath(state, 'Node1', 'os_installation')).toBe(320);
    expect(remainingPath(state, 'Node1', 'post_installation')).toBe(300);
  });
});
