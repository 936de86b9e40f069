import type { JsonValue } from '@turingpi/core/plugin';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PostInstallAction } from '../action/post-install-action.js';
import { InstalledNode, PASSWORD } from './installed-node.fixture.js';
import type { PostInstallCallback } from './post-install-callback.js';
import type { RemoteActions } from './remote-actions.js';

/** As its plugin would declare it: `interface RemoteActions { note(…): … }`. */
interface Noting extends RemoteActions {
  note(line: string | number, options?: { readonly loud?: boolean }): Promise<unknown>;
}
const noting = (remote: RemoteActions): Noting => remote as Noting;

/** An action of a plugin: writes a line to the node's log. */
const NOTE: PostInstallAction<{ readonly line: string; readonly loud?: boolean }> = {
  id: 'note',
  title: 'writes a line to the log',
  place: 'node',
  schema: z
    .string()
    .max(8)
    .transform((line) => ({ line })),
  options: { loud: z.boolean().optional() },
  note: ({ line }) => line,
  inputs: async ({ line, loud }, { digest }) => ({ line: await digest(line), loud }),
  perform: async ({ line, loud = false }, { session, progress }) => {
    progress({ activity: 'note', note: `about ${PASSWORD}` });
    const node = await session();
    return { [PASSWORD]: [(await node.exec(['logger', loud ? line.toUpperCase() : line])).stdout] };
  },
};

function itself(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

describe('a post-installer', () => {
  it('works for a system that tells no modules apart, and connects once, when something is to be done', async () => {
    const node = await InstalledNode.make();
    expect(
      await node.configure(async (local) => {
        await local.runCommand(['node', '-e', '']);
      }),
    ).toBe(true);
    expect(node.done).toEqual([]);
    await node.configure(async (_local, remote) => {
      await remote.runCommand('one');
      await remote.runCommand('two');
    });
    expect(node.done).toEqual(['connected', 'one', 'two']);
  });

  it('does actions in the order of their calls, also when they are not awaited', async () => {
    const node = await InstalledNode.make([NOTE]);
    await node.configure((_local, remote) => {
      void noting(remote).note('first'); // its inputs take longer than those of the next
      void remote.runCommand('second');
      void noting(remote).note('third');
      return Promise.resolve();
    });
    expect(node.done).toEqual(['connected', 'logger first', 'second', 'logger third']);
  });

  it.each([
    ['was called wrongly', 'ACTION_INPUT_INVALID', (): unknown => 5],
    ['fails', 'COMMAND_FAILED', (): unknown => undefined],
  ])('fails with an action that %s and is not awaited', async (_how, code, line) => {
    const node = await InstalledNode.make([NOTE]);
    const configured = node.configure((_local, remote) => {
      void (line() === undefined ? remote.runCommand('false') : noting(remote).note(line() as string));
      return Promise.resolve();
    });
    await expect(configured).rejects.toMatchObject({ code });
  });

  it('leaves it to the callback to go on after an action that it saw failing', async () => {
    const node = await InstalledNode.make();
    const tolerant = () =>
      node.configure(async (_local, remote) => {
        await remote.runCommand('false').catch(() => undefined);
        await remote.runCommand('true');
      });
    expect(await tolerant()).toBe(true);
    expect(node.done).toEqual(['connected', 'false', 'true']);
  });

  it('fails with an action that nobody awaits, also when it has failed long before the end', async () => {
    const node = await InstalledNode.make();
    const configured = node.configure(async (_local, remote) => {
      void remote.runCommand('false');
      await remote.runCommand('true').catch(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    });
    await expect(configured).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
  });

  it.each([
    ['nothing', undefined],
    ['a map', new Map([['line', 'x']])],
    ['a number that JSON does not know', { size: NaN }],
    ['what holds itself', itself()],
  ])('refuses an action whose inputs are %s', async (_what, inputs) => {
    const broken = { ...NOTE, inputs: () => inputs as unknown as JsonValue };
    const node = await InstalledNode.make([broken]);
    const configured = node.configure(async (_local, remote) => {
      await noting(remote).note('hello');
    });
    await expect(configured).rejects.toMatchObject({ code: 'PLUGIN_INVALID' });
    expect(node.done).toEqual([]);
  });

  it.each([
    ['a function', () => 1],
    ['a big number', { size: 10n }],
    ['what holds itself', itself()],
  ])('names the action whose result is %s, which cannot be recorded', async (_what, result) => {
    const broken = { ...NOTE, perform: () => Promise.resolve(result as unknown as JsonValue) };
    const node = await InstalledNode.make([broken]);
    const configured = node.configure(async (_local, remote) => {
      await noting(remote).note('hello');
    });
    await expect(configured).rejects.toMatchObject({
      code: 'PLUGIN_INVALID',
      message: expect.stringContaining('remote.note') as string,
    });
  });

  it('says what runs without a space after an action that has no note', async () => {
    const node = await InstalledNode.make([{ ...NOTE, note: () => '' }]);
    await node.configure(async (_local, remote) => {
      await noting(remote).note('hello');
    });
    expect(node.told).toContain('remote.note');
  });

  it('has a method for an action of a plugin, which takes what a step has and says all that is wrong', async () => {
    const node = await InstalledNode.make([NOTE]);
    let result: unknown;
    await node
      .configure(async (_local, remote) => {
        result = await noting(remote).note('hello', { loud: true });
        await expect(noting(remote).note('far too long', { loud: 1 } as object)).rejects.toMatchObject({
          code: 'ACTION_INPUT_INVALID',
          details: { issues: [{ key: 'loud' }, { key: 'note' }] },
        });
      })
      .catch(() => undefined);
    expect(node.done).toEqual(['connected', 'logger HELLO']);
    expect(node.told).toEqual(['', 'remote.note hello', 'about [secret]']);
    expect(result).toEqual({ '[secret]': ['logger HELLO: [secret]'] });
  });

  it('returns what is on record, without secrets, and does not connect', async () => {
    const node = await InstalledNode.make([NOTE]);
    const results: unknown[] = [];
    const once = () =>
      node.configure(async (_local, remote) => void results.push(await noting(remote).note('hello')));
    expect([await once(), await once()]).toEqual([true, false]);
    expect(node.done).toEqual(['connected', 'logger hello']);
    expect(results[1]).toEqual(results[0]);
  });

  it('says what actions would do, without secrets, and does nothing', async () => {
    const looking: PostInstallAction<string> = {
      ...{ id: 'line', title: 'has a line', place: 'node', schema: z.string() },
      inputs: (line) => ({ line }),
      perform: () => Promise.reject(new Error('it was done')),
      preview: (line) =>
        Promise.resolve(
          line === 'there' ? { wouldChange: false } : { wouldChange: true, diff: `+ ${PASSWORD}` },
        ),
    };
    const node = await InstalledNode.make([looking]);
    const previewed = await node.preview(async (_local, remote, perform) => {
      await perform('line', 'there');
      await perform('line', 'new');
      await remote.runCommand('uptime');
    });
    expect(previewed).toEqual([
      { action: 'remote.line', note: '', wouldChange: false },
      { action: 'remote.line', note: '', wouldChange: true, diff: '+ [secret]' },
      { action: 'remote.runCommand', note: 'uptime', wouldChange: undefined },
    ]);
    expect(node.done).toEqual(['connected']);
  });

  it('returns of an action that looks first now what earlier versions recorded as done', async () => {
    const before: PostInstallAction<string> = {
      ...{ id: 'line', title: 'has a line', place: 'node', schema: z.string() },
      inputs: (line) => ({ line }),
      perform: () => Promise.resolve(true),
    };
    const results: unknown[] = [];
    const callback: PostInstallCallback = async (_local, _remote, perform) => {
      results.push(await perform('line', 'x'));
    };
    const node = await InstalledNode.make([before]);
    await node.configure(callback);
    Object.assign(before, { preview: () => Promise.resolve({ wouldChange: false }) });
    await node.configure(callback);
    expect(results).toEqual([true, { changed: true }]);
  });

  it('refuses an action that no plugin brings', async () => {
    const node = await InstalledNode.make();
    const configured = node.configure(async (_local, _remote, perform) => {
      await perform('note', 'x');
    });
    await expect(configured).rejects.toMatchObject({ code: 'PLUGIN_NOT_FOUND' });
  });

  it('does what the plugin that the configuration names brings in place of a built-in action', async () => {
    const mine: PostInstallAction = {
      ...NOTE,
      id: 'run',
      method: { name: 'remote.runCommand', input: (line: string) => ({ line }) },
    };
    const run = (node: InstalledNode) =>
      node.configure(async (_local, remote) => {
        await remote.runCommand('uptime');
      });
    const replaced = await InstalledNode.make([mine], { replace: { actions: { run: 'installed' } } });
    await run(replaced);
    expect(replaced.done).toEqual(['connected', 'logger uptime']);
    await expect(InstalledNode.make([mine]).then(run)).rejects.toMatchObject({ code: 'PLUGIN_DUPLICATE_ID' });
  });

  it.each([
    ['is that of another action', 'PLUGIN_DUPLICATE_ID', 'remote.runCommand'],
    ['is none', 'PLUGIN_INVALID', 'remote.then'],
  ] as const)('refuses an action whose method %s', async (_what, code, name) => {
    const node = await InstalledNode.make([{ ...NOTE, method: { name, input: () => undefined } }]);
    await expect(node.configure(() => Promise.resolve())).rejects.toMatchObject({ code });
  });
});
