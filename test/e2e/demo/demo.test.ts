import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { usableBundle } from '../../../packages/cli/src/bundle/usable-bundle.js';
import { CLI, jsonLines, runCli } from '../../support/site/run-cli.js';
import { recordStartUp } from '../../support/site/start-up.js';

const CLI_PACKAGE = path.dirname(path.dirname(CLI));
/** A little more than what a run with nothing to do loads today: most of its time goes by their number. */
const MOST_FILES = 36;

it(
  'does the main job on a simulated board and leaves something to play with',
  { timeout: 180_000 },
  async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-demo-'));
    try {
      const { exitCode, stdout, stderr } = await runCli(['demo', '--json'], { cwd: directory });
      expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: '' });

      const summaries = jsonLines(stdout).filter(({ event }) => event === 'summary');
      const outcomes = summaries.map((summary) =>
        (summary['nodes'] as { phases: Record<string, { outcome: string }> }[]).map(({ phases }) =>
          Object.values(phases).map(({ outcome }) => outcome),
        ),
      );
      const [completed, skipped] = [Array(3).fill('completed'), Array(3).fill('skipped')];
      expect(outcomes).toEqual([
        [completed, completed, completed, completed],
        [skipped, skipped, skipped, skipped],
        [skipped, completed, skipped, skipped],
      ]);

      const output = path.join(directory, 'demo-output');
      expect(await readdir(output)).toEqual(
        expect.arrayContaining(['tpi_state.json', 'turing-1.img.xz', 'turing-4.img.xz', 'turingpi.yaml']),
      );
      const state = await readFile(path.join(output, 'tpi_state.json'), 'utf8');
      const log = await readFile(path.join(output, 'turingpi.log'), 'utf8');
      for (const name of ['bmc_password', 'user_password', 'id_ed25519']) {
        const secret = (await readFile(path.join(output, 'secrets', name), 'utf8')).trim();
        for (const text of [state, log, stdout]) expect(text).not.toContain(secret);
      }

      const status = await runCli(['status', '--json', '-c', 'demo-output/turingpi.yaml'], {
        cwd: directory,
      });
      const { nodes } = JSON.parse(status.stdout) as {
        nodes: Record<string, Record<string, { status: string }>>;
      };
      expect(
        Object.values(nodes).flatMap((node) => Object.values(node).map(({ status: now }) => now)),
      ).toEqual(Array(12).fill('completed'));

      // Nothing is to be done, and nobody is to be asked: the simulated board is gone.
      const idle = ['up', '--offline', '-c', 'demo-output/turingpi.yaml'];
      const { exitCode: idleCode, packages, files, connections } = await recordStartUp(idle, directory);
      expect({ idleCode, connections }).toEqual({ idleCode: 0, connections: 0 });
      expect(
        [...packages].filter((name) => ['ssh2', 'undici', 'log-update', 'execa'].includes(name)),
      ).toEqual([]);
      // Where `npm run build` was not the last to write it, the packages are loaded one by one.
      if (process.env['CI'] === 'true' || usableBundle(CLI_PACKAGE) !== undefined)
        expect(files).toBeLessThan(MOST_FILES);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
);

it('lists the plugins that the program brings', async () => {
  const { exitCode, stdout } = await runCli(['plugin', 'list', '--json'], { cwd: os.tmpdir() });
  expect(exitCode).toBe(0);
  const { plugins, failures } = JSON.parse(stdout) as {
    plugins: { name: string; version: string; source: string; brings: Record<string, string[]> }[];
    failures: unknown[];
  };
  expect(failures).toEqual([]);
  expect(plugins.flatMap(({ brings }) => brings['os'] ?? []).sort()).toEqual(['debian', 'ubuntu']);
  expect(plugins.flatMap(({ brings }) => brings['boards'] ?? []).sort()).toEqual(['cm4', 'rk1']);
  expect(plugins.every(({ version, source }) => /^\d/.test(version) && source === 'built-in')).toBe(true);
});
