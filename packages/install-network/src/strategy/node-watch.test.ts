import { describe, expect, it } from 'vitest';
import { NodeWatch } from './node-watch.js';

const signal = new AbortController().signal;

describe('what is known of a node that installs itself', () => {
  it('is that the installer runs, when it is only seen on the console', () => {
    const watch = new NodeWatch();
    watch.read('U-Boot 2024.01\r\nturingpi-inst');
    expect(watch.state).toBe('unseen');
    watch.read('aller: started\r\nturingpi-installer: failed: there is no network port x\r\n');
    expect(watch).toMatchObject({ state: 'started', reason: 'there is no network port x' });
    watch.read('turingpi-installer: given up; this is a shell\r\n');
    expect(watch.state).toBe('failed');
  });

  it('is that another system runs, when that asks for a login and no installer was seen', () => {
    const other = new NodeWatch();
    other.read('Ubuntu 22.04\r\n\r\nnode1 login: ');
    expect(other).toMatchObject({ isOther: true, state: 'unseen' });
    const own = new NodeWatch();
    own.tell({ sign: 'plan', diskBytes: 1 });
    own.read('x login: ');
    expect(own.isOther).toBe(false);
  });

  it('is waited for until it holds, nothing is heard for a while, or the signal fires', async () => {
    const watch = new NodeWatch();
    const done = watch.until(() => watch.state === 'done', 60_000, signal);
    watch.tell({ sign: 'failed', reason: 'a cable' });
    watch.tell({ sign: 'plan', diskBytes: 1 }); // it tries again
    watch.tell({ sign: 'report', state: 'done' });
    expect(await done).toBe(true);
    expect(await watch.until(() => false, 10, signal)).toBe(false);
    const reason = new Error('stopped');
    await expect(watch.until(() => false, 60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
