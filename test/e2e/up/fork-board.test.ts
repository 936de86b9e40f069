import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig, BMC_CLIENT, declarativeWorkflow } from '@turingpi/provisioning';
import rk1 from '@turingpi/board-rk1';
import { type ClusterSummary, createTuringPi, type TuringPi, type TuringPiConfig } from '@turingpi/core';
import { TuringPiError } from '@turingpi/foundation';
import ubuntu from '@turingpi/os-ubuntu';
import { startVirtualBoard, type VirtualBoard } from '@turingpi/virtual-board';
import { expect, it } from 'vitest';
import { makeSite, type Site } from '../../support/site/site.js';
import { type CliResult, jsonLines, runCli } from '../../support/site/run-cli.js';

const FACTORY = 'turing';
const PHASES = ['image_customization', 'os_installation', 'post_installation'];

/** A site with one node whose board is trusted by nothing but `turingpi board trust`, with its password in a file. */
class ForkSite {
  readonly printed: string[] = [];

  constructor(
    readonly site: Site,
    readonly board: VirtualBoard,
  ) {}

  async configure(password: string): Promise<void> {
    const { https, http, nodes } = this.board;
    await writeFile(this.#secretFile, `${password}\n`, { mode: 0o600 });
    const bmc = { port: https.port, httpPort: http!.port, password: { file: './bmc-password' } };
    await this.site.configure({ https, nodes, publicKeyPin: '' }, { bmc });
  }

  async turingpi(...parameters: string[]): Promise<CliResult> {
    const result = await runCli(parameters, { cwd: this.site.directory });
    this.printed.push(result.stdout, result.stderr);
    return result;
  }

  up(): Promise<CliResult> {
    return this.turingpi('up', '--json', '--erase', 'all');
  }

  get #secretFile(): string {
    return path.join(this.site.directory, 'bmc-password');
  }
}

async function startFork(site: Site, profile: 'hive-2.38' | 'pr258', password?: string) {
  return await startVirtualBoard({
    ...{ profile, nodes: [{ board: 'rk1' }], clock: { scale: 100 }, dir: path.join(site.directory, 'board') },
    ...(password === undefined ? {} : { password }),
  });
}

const outcomes = ({ stdout }: CliResult) =>
  (jsonLines(stdout).at(-1)?.['nodes'] as { phases: Record<string, { outcome: string }> }[]).map(
    ({ phases }) => PHASES.map((phase) => phases[phase]?.outcome),
  );
const error = ({ stdout, stderr }: CliResult) =>
  jsonLines(stdout.includes('"code"') ? stdout : stderr).at(-1);

it('hive-2.38: from the password of the factory to a finished node, and on after a new certificate', async () => {
  await using site = await makeSite();
  await using board = await startFork(site, 'hive-2.38');
  const fork = new ForkSite(site, board);
  await fork.configure(FACTORY);
  expect((await fork.turingpi('board', 'trust', '--yes')).exitCode).toBe(0);
  const gated = await fork.up();
  expect({ exitCode: gated.exitCode, ...error(gated) }).toMatchObject({
    exitCode: 4,
    code: 'BMC_FACTORY_PASSWORD',
  });
  expect((await readdir(site.cacheDir)).filter((file) => file.includes('.img'))).toEqual([]);

  const password = `secret-${randomBytes(6).toString('hex')}`;
  const wanted = path.join(site.directory, 'wanted');
  await writeFile(wanted, password);
  expect((await fork.turingpi('board', 'password', '--new-password-file', wanted)).exitCode).toBe(0);
  await fork.configure(password);
  const first = await fork.up();
  expect({ exitCode: first.exitCode, stderr: first.stderr }, first.stdout).toEqual({
    exitCode: 0,
    stderr: '',
  });
  expect(outcomes(first)).toEqual([['completed', 'completed', 'completed']]);
  expect((await fork.turingpi('doctor')).exitCode).toBe(0);

  const state = () => readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8');
  const before = await state();
  await board.reissueCertificate();
  board.clearPinLog();
  const changed = await fork.turingpi('node', 'power', 'status', '--json');
  expect({ exitCode: changed.exitCode, ...error(changed) }).toMatchObject({
    exitCode: 4,
    code: 'BMC_CERTIFICATE_CHANGED',
  });
  const trusted = await fork.turingpi('board', 'trust', '--yes');
  expect(trusted.stdout).toContain('It is the same board as before');
  const again = await fork.up();
  expect({ exitCode: again.exitCode, outcomes: outcomes(again) }, again.stderr).toEqual({
    exitCode: 0,
    outcomes: [['skipped', 'skipped', 'skipped']],
  });
  expect(await state()).toBe(before);
  expect(board.pinLog).toEqual([]);
  for (const text of fork.printed) expect(text).not.toContain(password);
}, 180_000);

it('pr258: the same without port 80, where nothing asks for another password', async () => {
  await using site = await makeSite();
  await using board = await startFork(site, 'pr258');
  const fork = new ForkSite(site, board);
  await fork.configure(FACTORY);
  expect((await fork.turingpi('board', 'trust', '--yes')).exitCode).toBe(0);
  const first = await fork.up();
  expect({ exitCode: first.exitCode, stderr: first.stderr }, first.stdout).toEqual({
    exitCode: 0,
    stderr: '',
  });
  const { stdout } = await fork.turingpi('doctor', '--json');
  expect(jsonLines(stdout).at(-1)).toMatchObject({ healthy: true });
}, 180_000);

it('a certificate that is made anew while a node is flashed ends the run with a code, and the next run finishes', async () => {
  const password = 'correct horse battery';
  await using site = await makeSite();
  await using board = await startFork(site, 'hive-2.38', password);
  await new ForkSite(site, board).configure(password);
  const open = async () => {
    const file = await loadConfig(site.configFile);
    const plugins = [ubuntu, rk1];
    return await createTuringPi(
      { ...(file.input as TuringPiConfig), plugins },
      { baseDir: file.baseDir, approve: 'all' },
    );
  };
  const trust = async (cluster: TuringPi) => {
    const client = cluster.registry.service(BMC_CLIENT);
    await client.trust(await client.presentedIdentity());
  };
  const up = (cluster: TuringPi) =>
    cluster.runAll(cluster.run(declarativeWorkflow(cluster, { environment: {} })));

  const first = await open();
  await trust(first);
  let renewed: Promise<void> | undefined;
  first.subscribe((event) => {
    if (event.type !== 'phase:progress' || event.progress.activity !== 'upload' || event.progress.done === 0)
      return;
    // The firmware makes one when its daemon starts, which ends the transfer as well.
    renewed ??= board.reissueCertificate().then(() => board.restart());
  });
  const broken = await up(first);
  expect(renewed).toBeDefined();
  await renewed;
  expect(codeOf(broken)).toBe('BMC_FLASH_UNWATCHED');

  const asked = board.accessLog.length;
  board.clearPinLog();
  const refused = await up(await open());
  expect(codeOf(refused)).toBe('BMC_CERTIFICATE_CHANGED');
  expect(board.accessLog).toHaveLength(asked);
  expect(board.pinLog).toEqual([]);

  const last = await open();
  await trust(last);
  expect(await up(last)).toMatchObject({ completed: true, nodes: [{ outcome: 'completed' }] });
}, 180_000);

function codeOf({ nodes }: ClusterSummary): string | undefined {
  const [node] = nodes;
  return TuringPiError.is(node?.error) ? node.error.code : undefined;
}
