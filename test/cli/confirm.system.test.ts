import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { requireTools } from '../site/require-tools.js';
import { CLI } from '../site/run-cli.js';

const { missing } = requireTools('script');

/** Asks on a terminal of its own, and types this once the question is there. */
async function answer(typed: string): Promise<number | null> {
  const command = `"${process.execPath}" "${CLI}" bmc reboot --host 127.0.0.1 --port 1`;
  const asking = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(asking, 'exit') as Promise<[number | null]>;
  let shown = '';
  asking.stdout.on('data', (text: Buffer) => {
    shown += String(text);
    if (!shown.includes('[y/N]')) return;
    asking.stdout.removeAllListeners('data').resume();
    asking.stdin.write(typed);
  });
  return (await exit)[0];
}

it.skipIf(missing)('a question ends with Ctrl-C, with the end of input, and with a no', async () => {
  expect(await answer('\x03')).toBe(130);
  expect(await answer('\x04')).toBe(1);
  expect(await answer('n\r')).toBe(1);
});
