import { randomBytes } from 'node:crypto';

const RUN_ID = /^\d{8}T\d{9}-[0-9a-f]{6}$/;

/** A new name for a run, which sorts by the time of its start: `20260102T030405678-9f86d0`, in UTC. */
export function newRunId(at: Date): string {
  const time = at.toISOString().replaceAll(/[-:.Z]/g, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
}

/** Whether a text is the name of a run: it is part of the name of a file. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}
