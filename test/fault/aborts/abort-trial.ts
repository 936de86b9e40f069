import { readdir, readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import cm4 from '@turingpi/board-cm4';
import rk1 from '@turingpi/board-rk1';
import { HttpsBmcClient } from '@turingpi/bmc';
import { type ClusterSummary, createTuringPi, type PhaseName, type TuringPiConfig } from '@turingpi/core';
import provisioning, {
  BMC_CLIENT,
  declarativeWorkflow,
  IMAGE_ENGINE,
  loadConfig,
  LOCAL_RUNTIME,
  SSH_RUNTIME,
} from '@turingpi/provisioning';
import { TuringPiError, type Logger } from '@turingpi/foundation';
import { CLUSTER_CONFIG, type ClusterConfig, definePlugin, LOGGER } from '@turingpi/core/plugin';
import { BackendImageEngine } from '@turingpi/image';
import debian from '@turingpi/os-debian';
import ubuntu from '@turingpi/os-ubuntu';
import { ClientSshRuntime, ProcessLocalRuntime, type SshSession } from '@turingpi/runtime';
import type { VirtualBoard } from '@turingpi/virtual-board';
import { FAST } from '../../board/board-fixture.js';
import type { Site } from '../../support/site/site.js';
import type { CallCounter } from './call-counter.js';

/** No stop takes longer; a busy machine has its share in it. */
const LIMIT_MS = 30_000;
const INTERVAL_MS = 50;
/** Nothing of these tests is about a board that hangs, and a busy machine is not one. */
const UNHURRIED = { ...FAST, flashTimings: { ...FAST.flashTimings, stallMs: 60_000 } };

/** Looks again soon: a virtual node is up in no time. */
class EagerSshRuntime extends ClientSshRuntime {
  override waitFor(...[target, options]: Parameters<ClientSshRuntime['waitFor']>): Promise<SshSession> {
    return super.waitFor(target, { intervalMs: INTERVAL_MS, ...options });
  }

  override reboot(
    ...[session, target, options]: Parameters<ClientSshRuntime['reboot']>
  ): Promise<SshSession> {
    return super.reboot(session, target, { intervalMs: INTERVAL_MS, ...options });
  }
}

/** The services of a cluster with their calls counted. */
function countedServices(counter: CallCounter) {
  class CountedBmcClient extends HttpsBmcClient {
    static readonly inject = [CLUSTER_CONFIG, LOGGER];

    constructor(config: ClusterConfig, logger: Logger) {
      const { username, password, port, httpPort, publicKeyPin } = config.bmc;
      super({
        endpoint: { host: config.ip, port, httpPort },
        credentials: { username, password },
        pins: { publicKeyPin },
        cacheDir: config.cacheDir,
        lockDir: path.join(config.cacheDir, 'locks'),
        logger,
        ...UNHURRIED,
      });
      // What a flash asks of the board by itself is counted, too.
      for (const part of ['power', 'usb', 'console', 'board', 'transfer'] as const)
        Object.assign(this, { [part]: counter.counted(`bmc.${part}`, this[part]) });
      return counter.counted('bmc', this);
    }
  }
  return definePlugin({
    name: 'counted-services',
    requires: [provisioning],
    services: [
      { token: BMC_CLIENT, useClass: CountedBmcClient },
      { token: SSH_RUNTIME, useValue: counter.counted('ssh', new EagerSshRuntime()) },
      { token: LOCAL_RUNTIME, useValue: counter.counted('local', new ProcessLocalRuntime()) },
      { token: IMAGE_ENGINE, useValue: counter.counted('image', new BackendImageEngine()) },
    ],
  });
}

/** A run of the whole cluster with counted calls, and the phase in which each was made. */
export async function runCounted(
  site: Site,
  counter: CallCounter,
): Promise<{ readonly summary: ClusterSummary; readonly phases: readonly (PhaseName | undefined)[] }> {
  const file = await loadConfig(site.configFile);
  const plugins = [countedServices(counter), ubuntu, debian, rk1, cm4];
  const cluster = await createTuringPi(
    { ...(file.input as TuringPiConfig), plugins },
    { baseDir: file.baseDir, approve: 'all' },
  );
  const phases: (PhaseName | undefined)[] = [];
  let phase: PhaseName | undefined;
  const note = (): void => {
    while (phases.length < counter.made.length) phases.push(phase);
  };
  cluster.subscribe((event) => {
    if (event.type !== 'phase:started') return;
    note();
    ({ phase } = event);
  });
  const workflow = declarativeWorkflow(cluster, { environment: {} });
  const summary = await cluster.runAll(cluster.run(workflow), { signal: counter.signal });
  note();
  return { summary, phases };
}

/** What is wrong after an aborted run; empty when all is as promised. */
export async function wrongAfter(
  aborted: Promise<{ readonly summary: ClusterSummary }>,
  signal: AbortSignal,
  { site, board }: { readonly site: Site; readonly board: VirtualBoard },
): Promise<readonly string[]> {
  const ended = await Promise.race([
    aborted.then(
      ({ summary }) => summary.nodes.map(({ error }) => error),
      (error: unknown) => [error], // before any node was begun
    ),
    endless(signal),
  ]);
  if (ended === undefined) return [`no end after ${LIMIT_MS} ms`];
  const wrong: string[] = [];
  for (const error of ended)
    if (error !== undefined && error !== signal.reason && !TuringPiError.is(error))
      wrong.push(`an error without a code: ${inspect(error)}`);
  const state = await readFile(path.join(site.cacheDir, 'tpi_state.json'), 'utf8').catch(() => '{}');
  if (state.includes('"status": "running"')) wrong.push('a record says that a phase is running');
  if (board.transferStatus.includes('Transferring')) wrong.push('a transfer is still on the board');
  const left = (await readdir(site.cacheDir, { recursive: true })).filter((name) => name.endsWith('-tmp'));
  if (left.length > 0) wrong.push(`left in the cache: ${left.join(', ')}`);
  for (const { id, processes } of board.nodes)
    if (processes.length > 0) wrong.push(`still runs on node ${id}: ${processes.join('; ')}`);
  const logins = openLogins(board);
  if (logins > 0) wrong.push(`${logins} connections to nodes are still open`);
  return wrong;
}

/** When a stop has taken too long. A run whose call never came is not stopped, and takes as long as it takes. */
async function endless(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  await sleep(LIMIT_MS, undefined, { ref: false });
}

/** Connections of this process to nodes of the board. */
function openLogins(board: VirtualBoard): number {
  const ports = board.nodes.flatMap(({ ssh }) => ssh?.port ?? []);
  const handles = (process as unknown as { _getActiveHandles(): readonly unknown[] })._getActiveHandles();
  return handles.filter(
    (handle) => handle instanceof net.Socket && !handle.destroyed && ports.includes(handle.remotePort ?? 0),
  ).length;
}
