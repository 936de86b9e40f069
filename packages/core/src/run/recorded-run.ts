import { readFileSync } from 'node:fs';
import { type Logger, type NodeId, thisProcess } from '@turingpi/foundation';
import { signalOfRun } from '../cluster/signal-of-run.js';
import { resolveNode } from '../cluster/resolve-node.js';
import type { ClusterConfig } from '../config/cluster-config.js';
import type { EventBus } from '../event/event-bus.js';
import { tellListener } from '../event/tell-listener.js';
import type { Redactor } from '../logging/redactor.js';
import { ProgressThrottle } from './progress-throttle.js';
import { redactEvent } from './redact-event.js';
import { cancelledBy, CancelWatch, RunCancelled } from './run-cancellation.js';
import { RunCopy } from './run-copy.js';
import {
  type LiveRunEvent,
  RUN_SCHEMA_VERSION,
  type RunEventListener,
  type RunNode,
  type RunOutcome,
} from './run-event.js';
import { runsDirectoryOf } from './run-files.js';
import { HEARTBEAT_MS, RunHeartbeat } from './run-heartbeat.js';
import { newRunId } from './run-id.js';
import { RunLog, type RunLogEvent } from './run-log.js';
import type { RunOrigin } from './run-origin.js';
import { RunStore } from './run-store.js';
import type { StateStore } from '../state/state-store.js';

/** So many runs stay on file when another one has ended. */
const KEPT_RUNS = 500;

/** What a run is recorded with. */
export interface RecordedRunParts {
  readonly config: ClusterConfig;
  readonly events: EventBus;
  readonly logger: Logger;
  readonly redactor: Redactor;
  readonly now: () => Date;
  /** Who is told of what is added to its file. */
  readonly registry: { readonly runListeners: readonly RunEventListener[] };
  readonly state: Pick<StateStore, 'papers'>;
}

/** A board of a run, and the nodes of it that are run. */
export interface BoardOfRun {
  readonly parts: Pick<RecordedRunParts, 'config' | 'events'>;
  readonly nodes: readonly NodeId[];
}

/** A run that goes on: what happens to its nodes is added to its file, and it can be asked to stop. */
export class RecordedRun {
  /** Fires when the caller's signal does, and when the run is asked to stop through its file. */
  readonly signal: AbortSignal;
  readonly #log: RunLog;
  readonly #copy: RunCopy | undefined;
  readonly #startedAt: Date;
  readonly #ending = new AbortController();

  private constructor(
    readonly id: string,
    private readonly parts: RecordedRunParts,
    boards: readonly BoardOfRun[],
    { signal, ...origin }: RunOrigin & { readonly signal?: AbortSignal | undefined },
  ) {
    const { config, logger } = parts;
    this.#startedAt = parts.now();
    this.#copy = RunCopy.of(id, parts);
    this.#log = new RunLog(
      runsDirectoryOf(config.cacheDir),
      id,
      (error) =>
        logger.warn({ err: error, run: id }, 'the run cannot be written to its file; it goes on without'),
      (line) => this.#copy?.add(line),
    );
    const cancelled = new AbortController();
    this.signal = signalOfRun(AbortSignal.any([cancelled.signal, ...(signal === undefined ? [] : [signal])]));
    const throttle = new ProgressThrottle((event) => this.#write(event));
    const ending = this.#ending.signal;
    const subscriptions = boards.map(({ parts: { events }, nodes }) =>
      events.subscribe((event) => {
        if (nodes.includes(event.nodeId)) throttle.take(event);
      }),
    );
    ending.addEventListener('abort', () => {
      for (const unsubscribe of subscriptions) unsubscribe();
      throttle.end();
    });
    this.signal.addEventListener('abort', () => this.#tellStop(origin), { signal: ending });
    const watch = new CancelWatch(this.#log.directory, id, (by) => cancelled.abort(new RunCancelled(by)));
    ending.addEventListener('abort', () => watch[Symbol.dispose]());
    const onExit = () => this.#leave();
    process.once('exit', onExit);
    ending.addEventListener('abort', () => process.off('exit', onExit));
  }

  /**
   * Begins the file of a run of some nodes, of one board or of several that share a cache directory. Where it cannot be
   * written the run goes on all the same.
   */
  static async begin(
    parts: RecordedRunParts,
    boards: readonly BoardOfRun[],
    origin: RunOrigin & { readonly signal?: AbortSignal | undefined },
  ): Promise<RecordedRun> {
    const { pid, host, computer, start } = await thisProcess();
    const run = new RecordedRun(newRunId(parts.now()), parts, boards, origin);
    const { simulated } = origin;
    run.#write({
      type: 'run:started',
      at: run.#startedAt.toISOString(),
      schema: RUN_SCHEMA_VERSION,
      command: origin.command ?? 'program',
      version: origin.version ?? ownVersion(),
      boards: boards.map(({ parts: { config } }) => ({
        ...(config.boardName === undefined ? {} : { name: config.boardName }),
        address: config.ip,
        ...(simulated === undefined ? {} : { simulated }),
      })),
      nodes: boards.flatMap(({ parts: { config }, nodes }) => nodes.map((id) => nodeOf(config, id))),
      ...{ pid, host },
      ...(computer === undefined ? {} : { computer }),
      ...(start === undefined ? {} : { processStart: start }),
      heartbeatMs: HEARTBEAT_MS,
    });
    const heartbeat = new RunHeartbeat(run.#log.directory, run.id);
    run.#ending.signal.addEventListener('abort', () => heartbeat[Symbol.dispose]());
    for (const text of origin.notes ?? []) run.note(text);
    run.#tell(() => origin.onStart?.({ id: run.id, file: run.#log.file }));
    if (run.signal.aborted) run.#tellStop(origin);
    return run;
  }

  /** Adds a remark. */
  note(text: string): void {
    this.#write({ type: 'run:note', at: this.#at(), text });
  }

  /** Ends the file. */
  async end(outcome: RunOutcome): Promise<void> {
    this.#ending.abort();
    const durationMs = this.parts.now().getTime() - this.#startedAt.getTime();
    this.#write({ type: 'run:ended', at: this.#at(), outcome, durationMs });
    this.#log.close();
    await this.#copy?.end(KEPT_RUNS);
    await new RunStore(this.#log.directory).prune({ keep: KEPT_RUNS }).catch((error: unknown) => {
      this.parts.logger.warn({ err: error }, 'old runs could not be removed');
    });
  }

  #tellStop({ onCancelling }: RunOrigin): void {
    const by = cancelledBy(this.signal.reason);
    this.#write({ type: 'run:cancelling', at: this.#at(), by });
    this.#tell(() => onCancelling?.(by));
  }

  /** Those who are told of the run only observe: what they throw ends neither it nor the process. */
  #tell(observer: () => void): void {
    try {
      observer();
    } catch (error) {
      this.parts.logger.warn({ err: error, run: this.id }, 'who is told of the run failed');
    }
  }

  /** The process ends in the middle of it, as at a second Ctrl-C: what its nodes are left with, the state says. */
  #leave(): void {
    this.note('the process left at once, before its nodes had stopped');
    const durationMs = this.parts.now().getTime() - this.#startedAt.getTime();
    this.#write({ type: 'run:ended', at: this.#at(), outcome: 'aborted', durationMs });
  }

  #write(event: RunLogEvent): void {
    const { registry, redactor, logger } = this.parts;
    const redacted = redactEvent(event, redactor);
    this.#log.write(redacted);
    const live: LiveRunEvent = Object.freeze({ ...redacted, runId: this.id });
    for (const listener of registry.runListeners)
      tellListener(listener, live, (error) =>
        logger.warn({ err: error, event: event.type }, 'a listener to runs failed'),
      );
  }

  #at(): string {
    return this.parts.now().toISOString();
  }
}

function nodeOf(config: ClusterConfig, id: NodeId): RunNode {
  const { hostname, ipAddress, config: configured, board } = resolveNode(config, id);
  const { board: module, os } = configured;
  const named = board === undefined ? {} : { board };
  return { nodeId: id, ...named, hostname, module, ...(os === undefined ? {} : { os }), address: ipAddress };
}

function ownVersion(): string {
  try {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
  } catch {
    return 'unknown'; // it was bundled into another program
  }
}
