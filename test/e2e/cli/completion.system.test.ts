import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PseudoTerminal } from '../../support/site/pseudo-terminal.js';
import { requireTools } from '../../support/site/require-tools.js';
import { CLI } from '../../support/site/run-cli.js';

const { missing } = requireTools('tmux', 'bash', 'zsh', 'fish');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'turingpi-completion-'));
  await mkdir(path.join(folder, 'bin'));
  await mkdir(path.join(folder, 'cache'));
  await symlink(CLI, path.join(folder, 'bin/turingpi'));
  await chmod(CLI, 0o755);
  await writeFile(path.join(folder, 'cache/turing-1.img.xz'), '');
  await writeFile(
    path.join(folder, 'turingpi.yaml'),
    'ip: 192.0.2.90\ncacheDir: cache\nnode2: { hostname: beta, ip: 192.0.2.102, board: rk1 }\nnode3: { hostname: gamma,\n',
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A shell that has nothing but our completion, with a prompt that is known. */
const SHELLS = [
  {
    name: 'bash',
    command: ['bash', '--norc', '-i'],
    load: 'PS1="ready> "; eval "$(turingpi completion bash)"',
  },
  { name: 'zsh', command: ['zsh', '-f', '-i'], load: 'PS1="ready> "; eval "$(turingpi completion zsh)"' },
  {
    name: 'fish',
    command: ['fish', '--no-config', '-i'],
    // What it suggests while one types looks as if it were completed.
    load: 'set -g fish_autosuggestion_enabled 0; function fish_prompt; echo -n "ready> "; end; turingpi completion fish | source',
  },
] as const;

it.skipIf(missing).each(SHELLS)(
  '$name completes commands, options, nodes, phases and images',
  { timeout: 120_000 },
  async ({ command, load }) => {
    const env = {
      ...{ PATH: `${path.join(folder, 'bin')}:${path.dirname(process.execPath)}:${process.env['PATH']}` },
      ...{ HOME: folder, XDG_CACHE_HOME: path.join(folder, 'user-cache') },
    };
    await using shell = await PseudoTerminal.open(command, { columns: 120, cwd: folder, env });
    await shell.type(`${load}; clear`);
    await shell.press('Enter');
    await shell.shows(/^ready> ?$/m);

    const completes = async (typed: string, whole: RegExp) => {
      await shell.type(typed);
      await shell.press('Tab');
      await shell.shows(whole);
      await shell.press('C-c');
      await shell.press('C-l');
      await shell.shows(/^ready> ?$/);
    };
    await completes('turingpi node pow', /^ready> turingpi node power/m);
    await completes('turingpi up --accept', /--accept-image-mismatch/);
    await completes('turingpi up --until inst', /--until install/);
    await completes('turingpi up --until=inst', /--until=install/);
    await completes('turingpi node flash cache/tur', /cache\/turing-1\.img\.xz/);
    await completes('turingpi completion fi', /completion fish/);
    await shell.type('turingpi up --node ');
    await shell.press('Tab');
    await shell.press('Tab');
    expect(await shell.shows(/2[^]*all/)).not.toMatch(/^[^]*node1/);
  },
);
