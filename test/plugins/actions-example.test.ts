import path from 'node:path';
import { createTuringPi } from '@turingpi/core';
import rk1 from '@turingpi/board-rk1';
import ubuntu from '@turingpi/os-ubuntu';
import { actionsOf, declarativeWorkflowSchema, loadConfig } from '@turingpi/provisioning';
import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Every action that the packages of this repository bring. */
async function actions() {
  const config = { ip: '10.0.0.2', node1: { ip: '10.0.0.11', board: 'rk1' }, plugins: [ubuntu, rk1] };
  await using cluster = await createTuringPi(config, { environment: {} });
  return actionsOf(cluster.registry.extensions);
}

it('the example has every step that there is, and each is right', async () => {
  const known = await actions();
  const { input } = await loadConfig(path.join(ROOT, 'examples/actions.yaml'));
  const workflow = declarativeWorkflowSchema(known).parse((input as { workflow: unknown }).workflow);
  const said = new Set((workflow.postInstall ?? []).flatMap((step) => Object.keys(step)));
  const options = known.flatMap((action) => [action.id, ...Object.keys(action.options ?? {})]);
  const codeOnly = known.filter(({ schema }) => schema === undefined).map(({ id }) => id);
  expect(codeOnly.sort()).toEqual(['facts', 'password', 'read']);
  expect([...said].sort()).toEqual(
    [...new Set([...options.filter((key) => !codeOnly.includes(key)), 'onChange'])].sort(),
  );
});

it('the page about actions tells of each', async () => {
  const page = await readFile(path.join(ROOT, 'docs/actions.md'), 'utf8');
  for (const { id } of await actions()) expect(page, id).toMatch(new RegExp(`\\b${id}\\b`));
});

it('its templates are there', async () => {
  expect(await readdir(path.join(ROOT, 'examples/files'))).toContain('app.conf.liquid');
});
