import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCase } from './run-case.js';
import { runConformance } from './run-conformance.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'turingpi-conformance-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

async function run(...words: readonly string[]) {
  const said = { stdout: '', stderr: '' };
  const into = (stream: keyof typeof said) => ({ write: (text: string) => (said[stream] += text) });
  const exitCode = await runConformance(words, { cwd, stdout: into('stdout'), stderr: into('stderr') });
  return { exitCode, ...said };
}

/** A plugin in plain JavaScript that brings one key, which takes numbers. */
async function install(
  plugin: Partial<Record<'body' | 'subjects' | 'name' | 'folder', string>> = {},
): Promise<void> {
  const { name = 'turingpi-number', folder = 'plugin' } = plugin;
  const place = path.join(cwd, folder);
  await mkdir(place, { recursive: true });
  const field = { plugin: './index.js', kind: 'service', api: 1, conformance: './subjects.js' };
  const { conformance, ...without } = field;
  const turingpi = plugin.subjects === undefined ? without : { ...without, conformance };
  await writeFile(
    path.join(place, 'package.json'),
    JSON.stringify({ name, version: '1.2.3', type: 'module', turingpi }),
  );
  await writeFile(
    path.join(place, 'index.js'),
    `const validate = (value) => typeof value === 'number' ? { value } : { issues: [{ message: 'is no number' }] };
     const key = { id: 'number', title: 'a number', schema: { '~standard': { version: 1, vendor: 'x', validate } } };
     export default { name: '${name}', apiVersion: 1, [Symbol.for('@turingpi/core:plugin')]: true,
       ${plugin.body ?? 'configKeys: [key]'} };`,
  );
  if (plugin.subjects !== undefined)
    await writeFile(path.join(place, 'subjects.js'), `export default ${plugin.subjects};`);
}

const subject = (valid: string) =>
  `{ configKeys: { number: { valid: ${valid}, invalid: [{ value: 'x', at: [] }] } } }`;

describe('turingpi-conformance', () => {
  it('runs the suite of what a plugin contributes, and tells each case', async () => {
    await install({ subjects: subject('[1]') });
    const { exitCode, stdout } = await run('./plugin');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^turingpi-number 1\.2\.3\n\nconfiguration key number\n {2}✓ is a name/);
    expect(stdout).not.toContain('✗');
    expect(stdout).toMatch(/\n7 passed, 0 failed\n$/);
  });

  it('finds a plugin by its name, installed where it is run', async () => {
    await install({ folder: 'node_modules/turingpi-number', subjects: subject('[1]') });
    expect((await run('turingpi-number')).exitCode).toBe(0);
  });

  it('fails with what a case failed with', async () => {
    await install({ subjects: subject("['one']") });
    const { exitCode, stdout } = await run('./plugin');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✗ takes what is right\n {6}AssertionError/);
    expect(stdout).toMatch(/6 passed, 1 failed/);
    expect((await run('./plugin', '--verbose')).stdout).toMatch(/config-key-cases/);
  });

  it('fails where it is not said what something is tested on', async () => {
    await install();
    const { exitCode, stdout } = await run('./plugin');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✗ is tested\n {6}CONFORMANCE_SUBJECT_MISSING.*"number"/);
  });

  it('says of what there is no suite, which is no failure', async () => {
    const points = "extensionPoints: [{ key: 'clocks', title: 'clock' }], clocks: [{ id: 'sun' }]";
    await install({ body: points });
    const { exitCode, stdout } = await run('./plugin');
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/clock sun\n {2}there is no suite/)]);
    await install({ body: '', folder: 'idle' });
    expect((await run('./idle')).stdout).toContain('contributes nothing');
  });

  it.each([
    ['of what is not contributed', '{ configKeys: { numbr: {} } }'],
    ['of a point that there is not', '{ keys: { number: {} } }'],
    ['that are none', '5'],
    ['that do not load', 'nothing'],
  ])('refuses subjects %s', async (_what, subjects) => {
    await install({ subjects });
    const { exitCode, stderr } = await run('./plugin');
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('error CONFORMANCE_SUBJECT_INVALID')]);
  });

  it.each([
    ['PLUGIN_NOT_FOUND', './none', {}],
    ['PLUGIN_INVALID', './plugin', { body: 'configKeys: [class {}]' }],
    ['PLUGIN_INVALID', './plugin', { body: 'clocks: [{ id: "sun" }]' }],
  ])('refuses a plugin with %s: %s', async (code, name, plugin) => {
    await install(plugin);
    expect(await run(name)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(code) as string });
  });

  it.each([[[]], [['a', 'b']], [['--wrong', 'a']]])('refuses a wrong command line: %j', async (words) => {
    const { exitCode, stderr } = await run(...words);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/CONFORMANCE_USAGE[\s\S]*--help/)]);
  });

  it.each(['-h', '--help'])('has a help with examples: %s', async (flag) => {
    const { exitCode, stdout } = await run(flag);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/Examples:\n {2}turingpi-conformance /)]);
  });
});

describe('a case', () => {
  it('that does not end fails', async () => {
    const forever = () => new Promise<void>(() => undefined);
    expect(await runCase(forever, 5)).toMatchObject({ code: 'CONFORMANCE_CASE_TIMEOUT' });
  });

  it('that fails with nothing fails', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what code of others may do
    expect(await runCase(() => Promise.reject(undefined))).toBeInstanceOf(Error);
    expect(await runCase(() => Promise.resolve())).toBeUndefined();
  });
});
