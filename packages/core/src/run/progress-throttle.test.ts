import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { TuringPiEvent } from '../event/event.js';
import { ProgressThrottle } from './progress-throttle.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const common = { hostname: 'one', at: '2026-01-02T03:04:05.000Z', phase: 'os_installation' as const };
const progress = (done: number, activity = 'write', nodeId: 1 | 2 = 1): TuringPiEvent => ({
  ...common,
  ...{ type: 'phase:progress', nodeId, progress: { activity, done } },
});
const end: TuringPiEvent = { ...common, nodeId: 1, type: 'phase:completed', durationMs: 1 };

function throttled() {
  const passed: (number | string | undefined)[] = [];
  const throttle = new ProgressThrottle((event) =>
    passed.push(event.type === 'phase:progress' ? event.progress.done : event.type),
  );
  return { throttle, passed };
}

it('lets one through a second, and the last one when its second is over', () => {
  const { throttle, passed } = throttled();
  for (let done = 0; done < 50; done += 1) {
    throttle.take(progress(done));
    vi.advanceTimersByTime(100);
  }
  expect(passed).toEqual([0, 9, 19, 29, 39, 49]);
  vi.advanceTimersByTime(10_000);
  expect(passed).toHaveLength(6);
});

it('tells the last one before anything else of the node, and warnings at once', () => {
  const { throttle, passed } = throttled();
  throttle.take(progress(1));
  throttle.take(progress(2));
  throttle.take(progress(3, 'verify'));
  throttle.take(progress(4, 'verify'));
  throttle.take({
    ...progress(5),
    progress: { activity: 'verify', done: 5, warning: true },
  } as TuringPiEvent);
  throttle.take(progress(6, 'verify'));
  throttle.take(end);
  expect(passed).toEqual([1, 2, 3, 4, 5, 6, 'phase:completed']);
});

it('does not let an activity through more often by turns with another', () => {
  const { throttle, passed } = throttled();
  for (let done = 0; done < 100; done += 1) {
    throttle.take(progress(done, done % 2 === 0 ? 'write' : 'read'));
    throttle.take(progress(done, 'write', 2));
    vi.advanceTimersByTime(10);
  }
  throttle.end();
  expect(passed.length).toBeLessThan(10);
  expect(passed).toEqual(expect.arrayContaining([98, 99]));
});
