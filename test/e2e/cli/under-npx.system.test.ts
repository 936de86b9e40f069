import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { requireTools } from '../../support/site/require-tools.js';
import { CLI } from '../../support/site/run-cli.js';

const { missing } = requireTools('sh');

it.skipIf(missing)('a simulated board ends when npx, which began it, is killed', async () => {
  const words = ['virtual-board', '--port', '0', '--http-port', 'off', '--boot', 'none', '--json'];
  // The second command keeps the shell from becoming the first.
  const shell = spawn('sh', ['-c', '"$0" "$@"; exit', process.execPath, CLI, ...words], {
    env: { ...process.env, npm_lifecycle_event: 'npx', npm_lifecycle_script: "'turingpi'" },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: shell.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  const { https } = JSON.parse(line) as { https: { host: string; port: number } };
  const ended = once(shell.stdout, 'end');
  shell.kill('SIGKILL');
  await ended; // the board had it open
  await expect(fetch(`http://${https.host}:${https.port}`)).rejects.toThrow();
});
