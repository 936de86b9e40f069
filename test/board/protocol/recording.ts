import { readFileSync } from 'node:fs';

/** One recorded request and its reply. */
export interface Exchange {
  readonly case: string;
  readonly method: string;
  readonly target: string;
  readonly scheme?: 'http';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly reply: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly error?: string;
  };
  readonly took_ms?: number;
}

/** Reads one file of recorded exchanges, in the order in which they were sent. */
export function readRecording<T = Exchange>(name: string): T[] {
  return readFileSync(new URL(`transcripts/${name}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
