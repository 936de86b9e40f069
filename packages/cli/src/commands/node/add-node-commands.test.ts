import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { INVENTORY_FORMATS } from '@turingpi/provisioning';
import { expect, it } from 'vitest';
import { runCli } from '../../cli.js';

it('offers the forms of an inventory that there are', async () => {
  const stdout = new PassThrough();
  const terminal = { environment: {}, stdout, stderr: new PassThrough(), cwd: '/' };
  expect(await runCli(['node', 'turingpi', 'inventory', '--help'], terminal)).toBe(0);
  stdout.end();
  const help = (await text(stdout)).replaceAll(/\s+/g, ' ');
  expect(help).toContain(`choices: ${INVENTORY_FORMATS.map((form) => `"${form}"`).join(', ')}`);
});
