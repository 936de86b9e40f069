import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { startVirtualBoard } from '@turingpi/virtual-board';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BoardClient } from '../../board/protocol/board-client.js';
import { jsonLines, runCli } from '../../support/site/run-cli.js';
import { makeSite, type Site, usualWorkflow } from '../../support/site/site.js';

/** Each command is a process of its own. */
const SLOW = { timeout: 180_000 };

let site: Site;
beforeEach(async () => {
  site = await makeSite();
});
afterEach(() => site[Symbol.asyncDispose]());

const turingpi = (...words: string[]) => runCli([...words, '-c', site.configFile]);
const errorIn = (stdout: string) => jsonLines(stdout).find(({ event }) => event === 'error');
const startBoard = async () => {
  const board = await startVirtualBoard({
    nodes: [{ board: 'rk1' }, { board: 'cm4' }],
    clock: { scale: 100 },
  });
  board.clearPinLog();
  return board;
};
const madeImages = async () =>
  (await readdir(site.cacheDir).catch(() => [])).filter((file) => file.includes('.img'));

/** The usual configuration with an image that is none, and a strategy whose program is not here. */
async function configure(board: Awaited<ReturnType<typeof startBoard>>, changes: object = {}) {
  await writeFile(path.join(site.directory, 'broken.img.xz'), 'no image at all');
  const { baseImages, ...workflow } = usualWorkflow(site.publicKey, site.userPassword);
  await site.configure(board, {
    workflow: {
      ...workflow,
      baseImages: { ...baseImages, debian: './broken.img.xz' },
      nodes: { node2: { install: { strategy: 'rpiboot' } } },
    },
    ...changes,
  });
}

test('everything that is in the way is one list, found before any work, with one login', SLOW, async () => {
  await using board = await startBoard();
  await configure(board, {
    bmc: { port: board.https.port, password: 'wrong-password', publicKeyPin: board.publicKeyPin },
  });
  const { exitCode, stdout } = await turingpi('up', '--json', '--erase', 'all');
  expect(exitCode).toBe(4);
  expect(errorIn(stdout)).toMatchObject({
    code: 'PREFLIGHT_FAILED',
    issues: [
      { key: 'bmc', code: 'BMC_AUTH_REFUSED', hint: expect.any(String) as string },
      {
        key: 'workflow.baseImages.debian',
        line: expect.any(Number) as number,
        hint: expect.any(String) as string,
      },
      { key: 'node2', code: 'CM4_RPIBOOT_MISSING', hint: expect.any(String) as string },
    ],
  });
  expect(await madeImages()).toEqual([]);
  expect(board.accessLog.filter(({ target }) => target.includes('authenticate'))).toHaveLength(1);
  expect(board.pinLog).toEqual([]);

  const text = await turingpi('up', '--erase', 'all');
  expect(text.stderr).toContain('3 things are in the way, and nothing was begun');
  expect(text.stderr).toContain('(CM4_RPIBOOT_MISSING)\n    Install `rpiboot`');
});

test(
  'an address that answers while its node is off, and a module that is noted otherwise',
  SLOW,
  async () => {
    await using board = await startBoard();
    await using other = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('SSH-2.0-other\r\n'),
    );
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const { port } = other.address() as AddressInfo;
    const [first, second] = board.nodes;
    await site.configure({
      https: board.https,
      publicKeyPin: board.publicKeyPin,
      nodes: [first!, { ...second!, ssh: { host: '127.0.0.1', port } }],
    });
    const bare = new BoardClient(board.https);
    await bare.login();
    const note = JSON.stringify({ Node1: { module_name: 'Raspberry Pi CM4' } });
    const json = { 'content-type': 'application/json' };
    await bare.request('POST', '/api/bmc?opt=set&type=node_info', note, json);
    const found = { key: 'node2', code: 'ADDRESS_IN_USE' };
    const planned = await turingpi('plan', '--json');
    expect(planned.exitCode).toBe(6);
    expect(JSON.parse(planned.stdout)).toMatchObject({ changes: true, preflight: [found] });
    const text = await turingpi('plan');
    expect(text.stdout).toContain(
      'in the way of a run, which would begin nothing:\n  `node2` an SSH server answers',
    );
    const alone = await turingpi('up', '--json', '--erase', 'all');
    expect(errorIn(alone.stdout)).toMatchObject({ code: 'ADDRESS_IN_USE' });
    expect(alone.stdout).toContain('MODULE_NOTED_OTHERWISE');
    expect(await madeImages()).toEqual([]);
    expect(board.pinLog).toEqual([]);
  },
);

test('what needs no board is told by validate as well', async () => {
  await using board = await startBoard();
  await configure(board);
  const { exitCode, stdout } = await turingpi('validate', '--json');
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    problems: [{ key: 'workflow.baseImages.debian', hint: expect.any(String) as string }],
  });
});
