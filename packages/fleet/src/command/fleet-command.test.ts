import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { privateKeyOf, publicLineOf } from '../approval/operator-key.js';
import { fleetCommand } from './fleet-command.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'turingpi-fleet-command-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** Runs `turingpi fleet …`. @returns What it says. */
async function fleet(
  args: readonly string[],
  options: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  let told = '';
  const stdout = { write: (text: string) => (told += text) };
  await fleetCommand.run({
    ...{ args, options: { fleet: 'fleet.yaml', ...options }, json: false, stdout, stderr: stdout },
    ...{ cwd, environment: {}, programDir: cwd, signal: new AbortController().signal },
    openCluster: () => Promise.reject(new TypeError('a fleet opens its own')),
  });
  return told;
}

describe('turingpi fleet', () => {
  it.each([
    [['fly'], 'FLEET_USAGE'],
    [['toString'], 'FLEET_USAGE'],
    [['up'], 'FLEET_USAGE'],
    [['up', 'none.json'], 'FLEET_PLAN_UNREADABLE'],
    [['up', 'wrong.json'], 'FLEET_PLAN_UNREADABLE'],
    [['plan'], 'CONFIG_NOT_FOUND'],
  ])('refuses %j', async (args, code) => {
    await writeFile(path.join(cwd, 'wrong.json'), '{"version":2}');
    await expect(fleet(args)).rejects.toMatchObject({ code });
  });

  it.each([
    [['agent'], { site: 'a' }],
    [['controller'], {}],
    [['status'], {}],
    [['watch'], {}],
    [['agents'], {}],
    [['cancel', 'r'], {}],
    [['drain', 'a'], {}],
  ])('tells for %j which package brings an engine', async (args, options) => {
    const file = 'fleet: labs\nsites: { a: {} }\nboards: { b: { site: a } }\n';
    await writeFile(path.join(cwd, 'fleet.yaml'), file);
    const missing = {
      code: 'FLEET_ENGINE_MISSING',
      hint: expect.stringContaining('npm install @turingpi/fleet-temporal') as string,
    };
    await expect(fleet(args, options)).rejects.toMatchObject(missing);
    await writeFile(
      path.join(cwd, 'fleet.yaml'),
      `${file}engine: { temporal: { address: "127.0.0.1:9" } }\n`,
    );
    await expect(fleet(args, options)).rejects.toMatchObject(missing);
  });

  it('says what may be meant by a word that it does not know', async () => {
    await expect(fleet(['staus'])).rejects.toMatchObject({
      message: expect.stringContaining('did you mean `status`?') as string,
    });
    const file =
      'fleet: labs\nsites: { north: {} }\nboards: { rack1: { site: north } }\nengine: { none: {} }\n';
    await writeFile(path.join(cwd, 'fleet.yaml'), file);
    for (const [args, options, message] of [
      [['drain', 'nort'], {}, 'no site nort, did you mean `north`?'],
      [['agent'], { site: 'nroth' }, 'no site nroth, did you mean `north`?'],
      [['adopt', 'rak1'], {}, 'no board rak1, did you mean `rack1`?'],
    ] as const)
      await expect(fleet(args, options)).rejects.toMatchObject({
        message: expect.stringContaining(message) as string,
      });
  });

  it('carries out and approves no plan of another fleet, nor one of boards that are not in the file', async () => {
    const file = 'fleet: labs\nsites: { north: {} }\nboards: { rack1: { site: north } }\n';
    await writeFile(path.join(cwd, 'fleet.yaml'), file);
    const plan = { version: 1, fleet: 'labs', at: '', reinstall: false, boards: {} };
    const write = (more: object) =>
      writeFile(path.join(cwd, 'plan.json'), JSON.stringify({ ...plan, ...more }));
    await write({ fleet: 'other' });
    await fleet(['key', 'ada.pem']);
    const another = { code: 'FLEET_USAGE', message: expect.stringContaining('of the fleet other') as string };
    await expect(fleet(['up', 'plan.json'])).rejects.toMatchObject(another);
    await write({ boards: { rack2: [] } });
    await expect(fleet(['up', 'plan.json'])).rejects.toMatchObject({ code: 'BOARD_UNKNOWN' });
  });

  it('names the file that cannot be read or written', async () => {
    const file = 'fleet: labs\nsites: { a: {} }\nboards: { b: { site: a } }\n';
    await writeFile(path.join(cwd, 'fleet.yaml'), file);
    const plan = { version: 1, fleet: 'labs', at: '', reinstall: false, boards: {} };
    await writeFile(path.join(cwd, 'plan.json'), JSON.stringify(plan));
    const failed = (name: string) => ({
      ...{ code: 'FLEET_FILE_FAILED', message: expect.stringContaining(name) as string },
    });
    const options = { operator: 'ada', key: 'none.pem', out: 'approvals.json' };
    await expect(fleet(['approve', 'plan.json'], options)).rejects.toMatchObject(failed('none.pem'));
    await expect(fleet(['key', 'nowhere/ada.pem'])).rejects.toMatchObject(failed('nowhere/ada.pem'));
  });

  it('has no demonstration without an engine', async () => {
    await expect(fleet(['demo'])).rejects.toMatchObject({
      code: 'FLEET_ENGINE_MISSING',
      hint: expect.stringContaining('npm install @turingpi/fleet-temporal') as string,
    });
  });

  it('makes a key that only its owner reads, says its public half, and writes over nothing', async () => {
    const told = await fleet(['key', 'ada.pem']);
    const file = path.join(cwd, 'ada.pem');
    const pem = await readFile(file, 'utf8');
    const key = privateKeyOf(pem);
    expect(told).toContain(key && publicLineOf(key));
    expect((await stat(file)).mode & 0o077).toBe(0);
    await expect(fleet(['key', 'ada.pem'])).rejects.toMatchObject({ code: 'FLEET_FILE_EXISTS' });
    expect(await readFile(file, 'utf8')).toBe(pem);
  });

  it('has nobody approve with a key that the fleet file does not have', async () => {
    await fleet(['key', 'eve.pem']);
    const plan = { version: 1, fleet: 'labs', at: '', reinstall: false, boards: {} };
    await writeFile(path.join(cwd, 'plan.json'), JSON.stringify(plan));
    await writeFile(
      path.join(cwd, 'fleet.yaml'),
      'fleet: labs\nsites: { a: {} }\nboards: { b: { site: a } }\n',
    );
    const options = { operator: 'ada', key: 'eve.pem', out: 'approvals.json' };
    await expect(fleet(['approve', 'plan.json'], options)).rejects.toMatchObject({
      code: 'APPROVAL_UNKNOWN_OPERATOR',
    });
    await expect(stat(path.join(cwd, 'approvals.json'))).rejects.toThrow();
    await expect(fleet(['reinstall', 'plan.json'])).rejects.toMatchObject({ code: 'FLEET_USAGE' });
    expect(await fleet(['up', 'plan.json'])).toBe('nothing to do\n');
  });
});
