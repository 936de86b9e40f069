import { startVirtualBoard } from '@turingpi/virtual-board';
import { expect, it } from 'vitest';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, usualWorkflow } from '../../support/site/site.js';

it(
  'switches off what was named and nothing else: a system is shut down first',
  { timeout: 180_000 },
  async () => {
    await using site = await makeSite();
    await using board = await startVirtualBoard({
      nodes: [{ board: 'rk1' }, { board: 'rk1' }],
      boot: 'shell',
      clock: { scale: 100 },
    });
    await site.configure(board, {
      workflow: { ...usualWorkflow(site.publicKey, site.userPassword), postInstall: [] },
    });
    const turingpi = (...parameters: string[]) =>
      runCli([...parameters, '-c', site.configFile], { cwd: site.directory });
    const powered = () => board.nodes.slice(0, 2).map((node) => node.powered);
    const stopped = async (...parameters: string[]) => {
      const { exitCode, stdout, stderr } = await turingpi('node', 'power', ...parameters, '--json');
      expect(exitCode, stderr).toBe(0);
      return jsonLines(stdout)[0]!['stopped'];
    };
    expect((await turingpi('up', '--node', '1', '--erase', 'all', '--json')).exitCode).toBe(0);
    await turingpi('node', 'power', 'on', '--node', '2');
    expect(powered()).toEqual([true, true]);

    for (const action of ['off', 'on', 'cycle', 'reset']) {
      const refused = await turingpi('node', 'power', action);
      expect(refused.exitCode).toBe(2);
      expect(refused.stderr).toContain('--node');
    }
    expect((await turingpi('node', 'power', 'reset', '--node', '1', '--hard')).exitCode).toBe(2);
    expect(powered()).toEqual([true, true]);

    expect(await stopped('off', '--node', '1')).toEqual({ node1: { how: 'shut down' } });
    expect(powered()).toEqual([false, true]);
    expect(await stopped('off', '--node', '1,2')).toEqual({
      node1: { how: 'was off' },
      node2: { how: 'cut', why: 'no host key of it is on record' },
    });
    expect(await stopped('cycle', '--node', '1,2', '--hard')).toMatchObject({ node2: { how: 'was off' } });
    expect(powered()).toEqual([true, true]);
    expect(await stopped('off', '--node', 'all', '--hard')).toMatchObject({
      node1: { how: 'cut', why: '--hard' },
      node3: { how: 'was off' },
    });
    expect(powered()).toEqual([false, false]);
  },
);
