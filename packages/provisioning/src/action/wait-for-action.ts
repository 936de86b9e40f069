import { setTimeout as sleep } from 'node:timers/promises';
import { TuringPiError } from '@turingpi/foundation';
import { z } from 'zod';
import { ProvisioningError } from '../provisioning-error.js';
import { whyClosed } from '../waiting/why-closed.js';
import { nodePath } from './node-path.js';
import type { ActionEnvironment, PostInstallAction } from './post-install-action.js';

/** What is waited for: one of these. */
export type Awaited =
  /** Something answers at a port of the node, or of `host`, asked from this computer. */
  | { readonly port: number; readonly host?: string | undefined }
  /** A path of the node is there. */
  | { readonly file: string }
  /** An address answers with a status that is not an error, asked from this computer. */
  | { readonly url: string }
  /** A command on the node succeeds. */
  | { readonly run: string | readonly string[] };

export type WaitForInput = Awaited & {
  /** Milliseconds; default five minutes. */
  readonly timeoutMs?: number | undefined;
  /** Between two looks, in milliseconds; default one second. */
  readonly everyMs?: number | undefined;
};

const FIVE_MINUTES_MS = 300_000;
const ONE_SECOND_MS = 1000;
const ANSWER_MS = 10_000;

const limits = { timeoutMs: z.int().positive().optional(), everyMs: z.int().positive().optional() };
const command = z.union([z.string().min(1), z.array(z.string()).min(1)]);

/** Waits until something on the node is ready. */
export class WaitForAction implements PostInstallAction<WaitForInput> {
  readonly id = 'waitFor';
  readonly title = 'waits until something is ready';
  readonly place = 'node';
  readonly schema = z.union(
    [
      z.strictObject({ port: z.int().min(1).max(65_535), host: z.string().min(1).optional(), ...limits }),
      z.strictObject({ file: nodePath, ...limits }),
      z.strictObject({ url: z.url({ protocol: /^https?$/ }), ...limits }),
      z.strictObject({ run: command, ...limits }),
    ],
    'expected one of { port }, { file }, { url } and { run }, and perhaps timeoutMs and everyMs',
  );

  note(input: WaitForInput): string {
    return describeAwaited(input);
  }

  inputs({ timeoutMs: _timeout, everyMs: _every, ...awaited }: WaitForInput) {
    if ('run' in awaited) return { run: typeof awaited.run === 'string' ? awaited.run : [...awaited.run] };
    return { ...awaited };
  }

  /** @throws ProvisioningError `WAIT_TIMEOUT` with what was seen last; the signal's reason. */
  async perform(input: WaitForInput, environment: ActionEnvironment): Promise<true> {
    const { timeoutMs = FIVE_MINUTES_MS, everyMs = ONE_SECOND_MS } = input;
    const { signal, node } = environment;
    const since = performance.now();
    for (;;) {
      const why = await whyNot(input, environment);
      if (why === undefined) return true;
      if (performance.now() - since >= timeoutMs)
        throw new ProvisioningError(
          'WAIT_TIMEOUT',
          `${describeAwaited(input)} is not ready on ${node.hostname} after ${Math.round(timeoutMs / 1000)} s: ${why}`,
          { hint: 'Log in and look what keeps it; `timeoutMs` gives it more time.' },
        );
      environment.progress({ activity: 'wait', note: why });
      await sleep(everyMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

function describeAwaited(input: WaitForInput): string {
  if ('port' in input) return `port ${input.port}`;
  if ('file' in input) return input.file;
  if ('url' in input) return input.url;
  return typeof input.run === 'string' ? input.run : input.run.join(' ');
}

/** Why it is not ready; undefined when it is. */
async function whyNot(
  input: WaitForInput,
  { session, signal, node }: ActionEnvironment,
): Promise<string | undefined> {
  if ('port' in input) return whyClosed(input.host ?? node.ipAddress, input.port, signal);
  if ('url' in input) return whyNoAnswer(input.url, signal);
  const command = 'file' in input ? ['test', '-e', input.file] : input.run;
  try {
    const remote = await session();
    const { exitCode } = await remote.exec(command, { signal, sudo: true, allowFailure: true });
    if (exitCode === 0) return undefined;
    return 'file' in input ? 'it is not there' : `it ends with ${exitCode}`;
  } catch (error) {
    signal.throwIfAborted();
    // A node that is restarted meanwhile is not ready, and no failure.
    const isAway =
      TuringPiError.is(error) && (error.category === 'connection' || error.code === 'SSH_CONNECTION_LOST');
    if (!isAway) throw error;
    return error.message;
  }
}

async function whyNoAnswer(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const answer = await fetch(url, { signal: limit, redirect: 'follow' });
    await answer.body?.cancel();
    return answer.ok ? undefined : `it answers with ${answer.status}`;
  } catch (error) {
    signal.throwIfAborted();
    const { cause } = error as { readonly cause?: unknown };
    return cause instanceof Error ? cause.message : String(error);
  }
}
