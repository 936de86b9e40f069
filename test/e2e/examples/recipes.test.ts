import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import rk1 from '@turingpi/board-rk1';
import ubuntu from '@turingpi/os-ubuntu';
import provisioning, {
  createDeclaredTuringPi,
  declarativeHooks,
  declarativeWorkflow,
} from '@turingpi/provisioning';
import { generateKeyPair } from '@turingpi/runtime';
import { baseImagePath } from '@turingpi/virtual-node';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const RECIPES = path.resolve(import.meta.dirname, '../../../examples/recipes');
const SECRETS = { TPI_PASSWORD: 'of the board', ETCD_TOKEN: 'token-1c7e', K3S_TOKEN: 'token-9b2d' };
const recipes = (await readdir(RECIPES)).filter((name) => name.endsWith('.yaml'));

it('there are recipes, and each says what of it was run', async () => {
  expect(recipes.length).toBeGreaterThan(4);
  for (const name of recipes)
    expect(await readFile(path.join(RECIPES, name), 'utf8'), name).toContain('# What of it was run: ');
});

it.each(recipes)('%s is checked as a whole and planned', async (name) => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-recipe-'));
  try {
    await cp(path.join(RECIPES, 'files'), path.join(directory, 'files'), { recursive: true });
    const config = parse(await readFile(path.join(RECIPES, name), 'utf8')) as {
      readonly workflow: { readonly user: object };
    };
    const { publicKey, privateKey } = await generateKeyPair('ed25519');
    await writeFile(path.join(directory, 'key'), privateKey.reveal(), { mode: 0o600 });
    const open = (environment: Readonly<Record<string, string>>) =>
      createDeclaredTuringPi(
        {
          ...config,
          cacheDir: path.join(directory, 'cache'),
          plugins: [provisioning, rk1, ubuntu],
          ssh: { privateKey: { file: './key' } },
          workflow: {
            ...config.workflow,
            user: { ...config.workflow.user, sshKeys: [publicKey] },
            baseImages: { ubuntu: baseImagePath('rk1-ubuntu.img.xz') },
          },
        } as never,
        { baseDir: directory, environment },
      );
    await using cluster = await open(SECRETS);
    const place = { source: name, environment: SECRETS };
    const plan = await cluster.plan(declarativeWorkflow(cluster, place), {
      erase: 'all',
      hooks: declarativeHooks(cluster, place),
      offline: true,
    });
    expect(plan.nodes.length).toBe(cluster.config.nodes.size);
    const phases = plan.nodes.flatMap((node) => node.phases);
    expect(phases.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(phases.map(({ decision }) => decision)).not.toContain('skip');
    expect(JSON.stringify(plan)).not.toMatch(/token-1c7e|token-9b2d/);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
