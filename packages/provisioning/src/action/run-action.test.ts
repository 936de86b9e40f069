import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../../core/src/cluster/sample-cluster.fixture.js';
import { HostNode } from './host-node.fixture.js';
import { RunAction } from './run-action.js';

const action = new RunAction();
const inputsOf = (more: object) => action.inputs({ command: 'x', ...more }, new HostNode().environment());

describe.skipIf(process.platform === 'win32')('run', () => {
  it('is not run where what it creates is there', async () => {
    const file = path.join(await temporaryDirectory(), 'made');
    const step = { run: `echo made > ${file}`, creates: file };
    const node = new HostNode();
    expect(await node.perform(action, step)).toMatchObject({ changed: true, exitCode: 0 });
    expect(await node.perform(action, step)).toEqual({ changed: false, exitCode: 0, stdout: '', stderr: '' });
  });

  it('is not run where a command succeeds, given as a line or as a list', async () => {
    const file = path.join(await temporaryDirectory(), 'file');
    const node = new HostNode();
    for (const unless of [`grep -q yes ${file}`, ['grep', '-q', 'yes', file]]) {
      await writeFile(file, 'no');
      const step = { run: `echo yes > ${file}; echo done`, unless };
      expect(await node.perform(action, step)).toMatchObject({ changed: true, stdout: 'done\n' });
      expect(await node.perform(action, step)).toMatchObject({ changed: false, stdout: '' });
    }
  });

  it.each([
    ['one of those that are expected', 'exit 2', [0, 2], 2],
    ['zero', 'true', [0, 2], 0],
  ])('takes %s as success', async (_what, run, exitCodes, exitCode) => {
    expect(await new HostNode().perform(action, { run, exitCodes })).toMatchObject({ exitCode });
  });

  it.each([
    ['another one', 'echo why >&2; exit 3', [0, 2]],
    ['zero where it is none of them', 'echo why >&2', [1]],
  ])('fails with %s, and says why', async (_what, run, exitCodes) => {
    await expect(new HostNode().perform(action, { run, exitCodes })).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringMatching(/not with .*\nwhy/s) as string,
    });
  });

  it('may be repeated unasked only where it looks first, or somebody has said so', () => {
    const repetition = (more: object) => action.repetition({ command: 'x', ...more });
    expect(repetition({})).toBe('ask');
    expect(repetition({ creates: '/x' })).toBe('run');
    expect(repetition({ unless: 'true' })).toBe('run');
    expect(repetition({ onRepeat: 'run' })).toBe('run');
    expect(repetition({ creates: '/x', onRepeat: 'ask' })).toBe('ask');
  });

  it('is the same action whatever is said of its repetition, and another one for what decides it', async () => {
    const plain = await inputsOf({});
    expect(plain).toEqual({ command: 'x', sudo: true }); // as earlier versions have it on record
    expect(await inputsOf({ once: 'init', onRepeat: 'run', timeoutMs: 5 })).toEqual(plain);
    const surroundings = [{ user: 'app' }, { cwd: '/srv' }, { env: { TOKEN: 'secret-token' } }];
    expect(JSON.stringify(await inputsOf(surroundings[2] ?? {}))).not.toContain('secret-token');
    for (const more of [{ creates: '/x' }, { unless: 'true' }, { exitCodes: [0, 1] }, ...surroundings])
      expect(await inputsOf(more)).not.toEqual(plain);
  });
});
