import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLogger, type StateStore, stateStoreOpener } from '@turingpi/core';
import type { CommandContext } from '@turingpi/cli/plugin';
import { readPem } from '../read-pem.js';
import { StateServer } from '../server/state-server.js';
import { loadServerFile } from './server-file.js';

/** Serves states until it is told to stop; with `--check` it only sees whether it could. */
export async function serveState(context: CommandContext): Promise<void> {
  const { args, options, json, stdout, stderr, signal, cwd, environment, programDir } = context;
  const file = await loadServerFile(path.resolve(cwd, args[0] ?? 'state-server.yaml'));
  const { baseDir, host, port, clients, directory } = file;
  const [ca, cert, key] = await Promise.all([
    readPem('ca', file.ca),
    readPem('cert', file.cert),
    readPem('key', file.key),
  ]);
  const logger = createLogger({
    level: options['verbose'] === true ? 'debug' : 'warn',
    destination: { write: (line) => void stderr.write(line) },
  });
  // As the command itself: its plugins are those of the working directory.
  const where = { baseDir, projectDir: cwd, programDir };
  const openState = await stateStoreOpener(file, { ...where, environment, logger });
  const open = (cluster: string) => openState(path.join(directory, cluster, `${cluster}.json`));
  if (options['check'] === true) {
    await checkStore(openState);
    stdout.write(json ? `${JSON.stringify({ ok: true })}\n` : 'all is well: it can serve\n');
    return;
  }
  await using server = await StateServer.listen({
    ...{ open, ca, cert, key, host, port, logger },
    ...(clients === undefined
      ? {}
      : { mayUse: (client, cluster) => clients.get(client)?.includes(cluster) === true }),
  });
  const address = { host, port: server.port };
  stdout.write(json ? `${JSON.stringify(address)}\n` : `listening on ${host}, port ${server.port}\n`);
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** Opens a state that nobody has, where nothing of it stays. */
async function checkStore(openState: (stateFile: string) => Promise<StateStore>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'turingpi-check-'));
  try {
    await using store = await openState(path.join(folder, 'check.json'));
    await store.load();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
