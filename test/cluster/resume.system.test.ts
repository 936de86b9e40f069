import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { Node1 } from '@turingpi/core';
import ubuntu from '@turingpi/os-ubuntu';
import provisioning, { createDeclaredTuringPi, declarativeWorkflow } from '@turingpi/provisioning';
import { baseImagePath } from '@turingpi/virtual-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DEBIAN_MISSING,
  DEBIAN_NEEDS,
  DEBIAN_PACKAGES,
  debianRoot,
} from '../../packages/linux/src/post-install/debian-root.fixture.js';
import { makeSite, type Site } from '../support/site/site.js';
import { NamespaceLab } from './namespace-lab.js';
import { type ApartEvent, runApart } from './run-apart.js';

const run = promisify(execFile);

if (DEBIAN_MISSING.length > 0 && process.env['CI'] === 'true')
  throw new Error(`missing: ${DEBIAN_MISSING.join(', ')}`);

const ACTIONS = Array.from({ length: 20 }, (_, index) => index + 1);
const WAYS = ['killed', 'cut', 'failed'] as const;
type Way = (typeof WAYS)[number];

/** Each way at each action, or, in short, kills at some that are drawn anew each time. */
const TRIALS: readonly { readonly way: Way; readonly position: number }[] =
  process.env['CLUSTER'] === 'all'
    ? WAYS.flatMap((way) => ACTIONS.map((position) => ({ way, position })))
    : drawn(5).map((position) => ({ way: 'killed', position }));

function drawn(count: number): readonly number[] {
  const left = [...ACTIONS];
  const draw = () => left.splice(Math.floor(Math.random() * left.length), 1);
  return Array.from({ length: count }, draw)
    .flat()
    .sort((a, b) => a - b);
}

/* What actions have done is counted on a real node: each has written a line. Each trial has actions of its own. */
describe.skipIf(DEBIAN_MISSING.length > 0)(`twenty actions (${DEBIAN_NEEDS}, iptables)`, () => {
  let site: Site;
  let lab: NamespaceLab;
  beforeAll(async () => {
    site = await makeSite();
    lab = await NamespaceLab.make(await debianRoot(DEBIAN_PACKAGES), site.publicKey);
    await mkdir(site.cacheDir);
    const board = await createDeclaredTuringPi(
      { ...config([]), plugins: [provisioning, ubuntu, lab.plugin] },
      { approve: 'new' },
    );
    const { completed } = await board.runAll(board.run(declarativeWorkflow(board, { environment: {} })));
    await board[Symbol.asyncDispose]();
    expect(completed).toBe(true);
  }, 300_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  const config = (postInstall: readonly object[]) => ({
    ...{ ip: '127.0.0.1', cacheDir: site.cacheDir, bmc: {} },
    node1: { ip: `${lab.addresses}.101`, board: 'rk1', os: 'ubuntu', hostname: 'resume-1' },
    network: { gateway: `${lab.addresses}.1` },
    ssh: { privateKey: { file: site.privateKeyFile } },
    workflow: {
      baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') },
      user: { name: 'admin', sshKeys: [site.publicKey] },
      postInstall,
    },
  });
  const onNode = (line: string) => lab.node(Node1).says('sh', '-c', line);
  const cutting = ['OUTPUT', '-d', '', '-p', 'tcp', '-j', 'REJECT', '--reject-with', 'tcp-reset'];

  it.for(TRIALS)(
    '$way at action $position, go on there, and each is done once',
    { timeout: 120_000 },
    async ({ way, position }) => {
      const trial = `/root/${way}-${position}`;
      const actions = ACTIONS.map((action) => ({
        run: `test ! -e ${trial}-fails-${action} && echo ${action} >>${trial}`,
        onRepeat: 'run',
      }));
      const file = path.join(site.directory, 'run.json');
      const up = (onEvent?: (event: ApartEvent, kill: () => void) => void) =>
        runApart(file, { config: config(actions) }, onEvent);
      if (way === 'failed') await onNode(`: >${trial}-fails-${position}`);
      const rule = cutting.map((word) => (word === '' ? `${lab.addresses}.101` : word));
      let isCut: Promise<unknown> | undefined;
      let isMended: Promise<unknown> | undefined;
      const first = await up(({ progress }, kill) => {
        // A connection that is cut between two actions is made anew: the node is waited for.
        if (progress?.activity === 'connect')
          isMended ??= isCut?.then(() => run('iptables', ['-D', ...rule]));
        if (progress?.activity !== 'post-install' || progress.done !== position) return;
        // It is told when it begins: some time of its life is hit.
        if (way === 'killed') setTimeout(kill, Math.random() * 20);
        if (way === 'cut') isCut ??= run('iptables', ['-I', ...rule]);
      });
      await (isMended ?? isCut?.then(() => run('iptables', ['-D', ...rule])));
      if (way === 'failed') await onNode(`rm ${trial}-fails-${position}`);
      if (way === 'failed') expect(first.exitCode, first.said).toBe(5);
      const second = await up();
      expect(second.exitCode, second.said).toBe(0);
      const done = (await onNode(`cat ${trial}`)).trim().split('\n').map(Number);
      const counts = ACTIONS.map((action) => done.filter((one) => one === action).length);
      const wrong = ACTIONS.filter((action) => counts[action - 1] !== 1);
      // One of which nobody knows whether it was done is done again: at least once.
      const inFlight = wrong.filter((action) => action >= position && counts[action - 1] === 2);
      expect(wrong, JSON.stringify(done)).toEqual(inFlight);
      expect(inFlight.length).toBeLessThanOrEqual(way === 'failed' ? 0 : 1);
    },
  );
});
