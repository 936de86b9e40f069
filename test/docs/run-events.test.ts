import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunEvent } from '@turingpi/core';
import { expect, it } from 'vitest';

type InEvery = 'seq' | 'runId' | 'type' | 'at' | 'nodeId' | 'hostname' | 'board';
type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>;
type FieldsOf<E> = {
  readonly [K in Exclude<keyof E, InEvery>]-?: object extends Pick<E, K> ? 'optional' : 'required';
};

/** The schema as the compiler knows it: a field that is missing here, or too many, or optional, does not compile. */
const FIELDS: { readonly [T in RunEvent['type']]: FieldsOf<EventOf<T>> } = {
  'run:started': {
    schema: 'required',
    command: 'required',
    version: 'required',
    boards: 'required',
    nodes: 'required',
    pid: 'required',
    host: 'required',
    computer: 'optional',
    processStart: 'optional',
    heartbeatMs: 'optional',
  },
  'run:note': { text: 'required' },
  'run:cancelling': { by: 'required' },
  'run:ended': { outcome: 'required', durationMs: 'required' },
  'node:started': {},
  'node:completed': { durationMs: 'required' },
  'node:failed': failureWith({ durationMs: 'required' }),
  'node:blocked': failureWith({ durationMs: 'required' }),
  'node:aborted': { durationMs: 'required' },
  'phase:started': { phase: 'required', reason: 'required', changes: 'optional', note: 'optional' },
  'phase:progress': { phase: 'required', progress: 'required' },
  'phase:skipped': { phase: 'required', note: 'optional' },
  'phase:completed': { phase: 'required', durationMs: 'required' },
  'phase:blocked': failureWith({ phase: 'required' }),
  'phase:failed': failureWith({ phase: 'required', durationMs: 'required' }),
  'resource:acquired': { phase: 'required', resource: 'required', waitedMs: 'required' },
  'resource:released': { phase: 'required', resource: 'required' },
  'action:started': { ...action(), note: 'optional' },
  'action:replayed': action(),
  'action:completed': { ...action(), durationMs: 'required', changed: 'optional' },
  'action:failed': failureWith({ ...action(), durationMs: 'required' }),
};

function action() {
  return { phase: 'required', action: 'required', index: 'required' } as const;
}
function failureWith<F extends object>(fields: F) {
  return { ...fields, code: 'required', message: 'required', hint: 'optional', console: 'optional' } as const;
}

it('docs/runs.md has every event with its fields, and no other', async () => {
  const page = await readFile(path.resolve(import.meta.dirname, '../../docs/runs.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+:\w+)` +\|([^|]*)\|$/gm)].map(([, type, fields]) => [
    type,
    [...fields!.matchAll(/`(\w+\??)`/g)].map(([, field]) => field).sort(),
  ]);
  const known = Object.entries(FIELDS).map(([type, fields]) => [
    type,
    Object.entries(fields)
      .map(([name, need]) => (need === 'optional' ? `${name}?` : name))
      .sort(),
  ]);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(known));
});
