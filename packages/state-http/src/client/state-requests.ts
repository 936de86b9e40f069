import { Agent, request, type RequestOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { StateError } from '@turingpi/core/plugin';
import type { z } from 'zod';
import { ALIVE, API, CHANGED_MEANWHILE, failureSchema } from '../wire/messages.js';

/** Where a server is, and how both prove who they are; PEM. */
export interface ServerAddress {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** How long somebody is ready to wait for a server that does not answer. */
export interface Patience {
  /** Until this fires; its reason is thrown then. */
  readonly signal?: AbortSignal | undefined;
  /** In milliseconds; default: as long as a server may take to start anew, or until the signal fires. */
  readonly patienceMs?: number;
  /** How long one answer may take, in milliseconds. */
  readonly answerMs?: number;
}

/** What is asked. */
export interface Question {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Parts of the path behind the cluster; they may hold anything. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What was answered: a body, or that the change was made of something that is there no more. */
type Answer = { readonly body: unknown } | 'changed meanwhile';

const PATIENCE_MS = 30_000;
const ANSWER_MS = 20_000;
const AGAIN_AFTER_MS = 200;
/** A stream on which nothing has come for so long is left. */
const SILENT_MS = 35_000;

/** The server cannot be asked: asked again, it may answer. */
class NoAnswer extends Error {}

/** Asks a server that may be away for a while: what can be asked twice without harm is asked again. */
export class StateRequests implements Disposable {
  readonly #agent: Agent;
  readonly #base: string;

  constructor(
    private readonly address: ServerAddress,
    cluster: string,
  ) {
    const { ca, cert, key } = address;
    this.#agent = new Agent({ ca, cert, key, keepAlive: true, minVersion: 'TLSv1.3', maxSockets: 16 });
    this.#base = `${API}/${encodeURIComponent(cluster)}`;
  }

  /** For messages. */
  get location(): string {
    return this.address.url;
  }

  /** Asks for something. @throws StateError; the signal's reason. */
  async get<S extends z.ZodType>(
    schema: S,
    path: readonly string[],
    options: Patience & { readonly query?: Readonly<Record<string, string>> } = {},
  ): Promise<z.output<S>> {
    const { query = {}, ...patience } = options;
    const answer = await this.ask({ method: 'GET', path, query }, patience);
    const read = schema.safeParse(answer === 'changed meanwhile' ? undefined : answer.body);
    if (!read.success) throw this.#noServer(read.error);
    return read.data;
  }

  /** Changes something. @returns `changed meanwhile` where it was made of something that is there no more. */
  async ask(question: Question, patience: Patience = {}): Promise<Answer> {
    const { signal, patienceMs, answerMs = ANSWER_MS } = patience;
    const until = performance.now() + (patienceMs ?? (signal === undefined ? PATIENCE_MS : Infinity));
    for (;;) {
      signal?.throwIfAborted();
      const limit = AbortSignal.timeout(answerMs);
      try {
        return await this.#once(question, signal === undefined ? limit : AbortSignal.any([signal, limit]));
      } catch (error) {
        signal?.throwIfAborted();
        const isAway = error instanceof NoAnswer || limit.aborted;
        if (!isAway) throw error;
        if (performance.now() >= until) throw this.#unreachable(error);
      }
      await sleep(AGAIN_AFTER_MS, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
    }
  }

  /**
   * Reads a stream that does not end by itself.
   *
   * @returns When it has ended.
   */
  stream(path: readonly string[], onChunk: () => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const asked = request(this.#options('GET', path, {}, signal), (response) => {
        response
          .on('data', (chunk: Buffer) => {
            if (chunk.toString() !== ALIVE) onChunk();
          })
          .on('close', resolve)
          .on('error', () => undefined);
        if (response.statusCode !== 200) response.destroy();
      });
      asked.on('error', () => resolve()).on('close', resolve);
      asked.on('socket', (socket) => socket.unref()); // a listener keeps no process alive
      // Cut off without a word, it is left: it gives signs of life.
      asked.setTimeout(SILENT_MS, () => asked.destroy());
      asked.end();
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #once({ method, path, query = {}, body }: Question, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const asked = request(this.#options(method, path, query, signal), (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => reject(new NoAnswer(error.message, { cause: error })));
        response.on('end', () => {
          try {
            if (!response.complete) throw new NoAnswer('the answer was cut off');
            const answer = answerOf(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'));
            if (answer === undefined) throw this.#noServer();
            resolve(answer);
          } catch (error) {
            reject(error instanceof Error ? error : new NoAnswer(String(error)));
          }
        });
      });
      asked.on('error', (error) => reject(new NoAnswer(error.message, { cause: error })));
      if (text !== undefined) asked.setHeader('content-type', 'application/json');
      asked.end(text);
    });
  }

  #options(
    method: Question['method'],
    path: readonly string[],
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): RequestOptions {
    const { hostname, port } = new URL(this.address.url);
    const words = path.map(encodeURIComponent).join('/');
    const asked = new URLSearchParams(query).toString();
    return {
      ...{
        agent: this.#agent,
        method,
        signal,
        hostname: hostname.replace(/^\[|\]$/g, ''),
        port: port || 443,
      },
      path: `${this.#base}/${words}${asked === '' ? '' : `?${asked}`}`,
    };
  }

  #noServer(cause?: Error): StateError {
    return new StateError(
      'STATE_UNREACHABLE',
      `at ${this.location} answers something else than a state server`,
      {
        ...(cause === undefined ? {} : { cause }),
        hint: 'See that `state.http.url` is its address, with no other server in between, and that both are of one version.',
      },
    );
  }

  #unreachable(cause: unknown): StateError {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new StateError('STATE_UNREACHABLE', `the state at ${this.location} cannot be reached: ${why}`, {
      cause,
      hint: 'See that the server runs, and that both certificates are of the authority that is named.',
    });
  }
}

/** @returns Undefined for what no server of ours says. @throws StateError; NoAnswer */
function answerOf(status: number, text: string): Answer | undefined {
  if (status === CHANGED_MEANWHILE) return 'changed meanwhile';
  if (status >= 500) throw new NoAnswer(`the server says ${status}`);
  const body = valueOf(text);
  if (body === undefined) return undefined;
  if (status < 300) return { body };
  const failure = failureSchema.safeParse(body);
  if (!failure.success) return undefined;
  const { code, message, hint, details } = failure.data;
  throw new StateError(code as StateError['code'], message, {
    hint: hint ?? 'Look at the log of the server.',
    ...(details === undefined ? {} : { details }),
  });
}

function valueOf(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}
