import { setTimeout as sleep } from 'node:timers/promises';
import { Readable } from 'node:stream';
import type { Secret } from '@turingpi/core/plugin';
import type { Dispatcher } from 'undici';
import { ArtifactError } from './artifact-error.js';
import type { ArtifactPlace } from './artifact-place.js';

/** Attempts in a row of which none brings a byte. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
const IDLE_MS = 60_000;

/** How a server is talked to. */
export interface HttpPlaceOptions {
  readonly token?: Secret | undefined;
  /** Pause after a failed attempt, in milliseconds; it doubles. */
  readonly pauseMs?: number;
}

interface Question {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable;
  readonly signal: AbortSignal;
}

/** A web server that gives such a directory out, and takes files with PUT (as nginx with `dav_methods PUT` does). */
export class HttpPlace implements ArtifactPlace {
  readonly location: string;
  #dispatcher: Promise<Dispatcher> | undefined;

  /** @param url - of the directory */
  constructor(
    url: string,
    private readonly options: HttpPlaceOptions = {},
  ) {
    this.location = url.endsWith('/') ? url : `${url}/`;
  }

  async has(name: string, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#ask(name, { method: 'HEAD', signal });
    await answer.body.dump();
    return this.#isThere(answer);
  }

  async read(name: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    const first = await this.#ask(name, { method: 'GET', signal });
    if (this.#isThere(first)) return this.#bytes(name, first, signal);
    await first.body.dump();
    return undefined;
  }

  async write(name: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const body = Readable.from(content, { objectMode: false });
    const answer = await this.#ask(name, { method: 'PUT', body, signal });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw this.#refused(answer.statusCode, 'takes no files');
  }

  async touch(): Promise<void> {
    // What is in use is seen by the access times of the server.
  }

  /** All bytes of a file: a connection that breaks is followed by a request for the rest. */
  async *#bytes(
    name: string,
    first: Dispatcher.ResponseData,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const { etag } = first.headers;
    let answer = first;
    let received = 0;
    for (let attempt = 1; ; attempt += 1) {
      try {
        for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
          yield chunk;
          received += chunk.length;
          attempt = 0;
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (attempt >= ATTEMPTS || typeof etag !== 'string') throw this.#unreachable(error);
      }
      await sleep((this.options.pauseMs ?? FIRST_PAUSE_MS) * 2 ** attempt, undefined, { signal });
      const headers = { range: `bytes=${received}-`, 'if-range': etag };
      answer = await this.#ask(name, { method: 'GET', headers, signal });
      if (answer.statusCode !== 206) {
        await answer.body.dump();
        throw this.#unreachable(new Error('the file was replaced while it was read'));
      }
    }
  }

  async #ask(name: string, question: Question): Promise<Dispatcher.ResponseData> {
    const { EnvHttpProxyAgent, request } = await import('undici');
    this.#dispatcher ??= Promise.resolve(new EnvHttpProxyAgent({ keepAliveTimeout: 1_000 }));
    const { token } = this.options;
    try {
      return await request(new URL(name, this.location), {
        ...question,
        dispatcher: await this.#dispatcher,
        headersTimeout: IDLE_MS,
        bodyTimeout: IDLE_MS,
        headers: {
          ...question.headers,
          ...(token && { authorization: `Bearer ${token.reveal()}` }),
        },
      });
    } catch (error) {
      question.signal.throwIfAborted();
      throw this.#unreachable(error);
    }
  }

  #isThere({ statusCode }: Dispatcher.ResponseData): boolean {
    if (statusCode === 404 || statusCode === 410) return false;
    if (statusCode >= 200 && statusCode < 300) return true;
    throw this.#refused(statusCode, 'gives no files');
  }

  #refused(statusCode: number, what: string): ArtifactError {
    const isLogin = statusCode === 401 || statusCode === 403;
    return new ArtifactError(
      'ARTIFACTS_UNREACHABLE',
      `the server of shared images ${this.location} ${what}: it answered ${statusCode}`,
      {
        hint: isLogin
          ? 'Check the `token` and its rights.'
          : 'Check the address, and what the server allows.',
      },
    );
  }

  #unreachable(cause: unknown): unknown {
    if (cause instanceof ArtifactError || !(cause instanceof Error)) return cause;
    const why = cause.message === '' ? ((cause as NodeJS.ErrnoException).code ?? 'no answer') : cause.message;
    return new ArtifactError(
      'ARTIFACTS_UNREACHABLE',
      `the server of shared images ${this.location} cannot be reached: ${why}`,
      { cause, hint: 'See that it runs, and that this computer may reach it.' },
    );
  }
}
