import { describe, expect, it } from 'vitest';
import { HostNode } from './host-node.fixture.js';
import { LookingAction, type PendingChange } from './looking-action.js';

class Sample extends LookingAction<PendingChange | undefined> {
  readonly id = 'sample';
  readonly title = 'does what it is told';

  inputs() {
    return {};
  }

  protected look(change: PendingChange | undefined): Promise<PendingChange | undefined> {
    return Promise.resolve(change);
  }
}

const sample = new Sample();
const environment = new HostNode().environment();
const made = (answer?: unknown) => ({ make: () => Promise.resolve(answer) });

describe('an action that looks first', () => {
  it.each<[string, PendingChange | undefined, object]>([
    ['has nothing to do', undefined, { changed: false }],
    ['does something', made(), { changed: true }],
    [
      'tells what differs, and more',
      { ...made(), diff: '+ x', facts: { count: 1 } },
      { changed: true, diff: '+ x', count: 1 },
    ],
    ['finds while it works that nothing had to be done', { ...made(false), diff: '+ x' }, { changed: false }],
  ])('%s', async (_what, change, result) => {
    expect(await sample.perform(change, environment)).toEqual(result);
  });

  it('does nothing to say what it would do', async () => {
    let count = 0;
    const change = { diff: '+ x', make: () => Promise.resolve((count += 1)) };
    expect(await sample.preview(change, environment)).toEqual({ wouldChange: true, diff: '+ x' });
    expect(await sample.preview(undefined, environment)).toEqual({ wouldChange: false });
    expect(count).toBe(0);
  });
});
