import { expect, it } from 'vitest';
import { CommandOutput } from './command-output.js';

it('tells of a character once it is whole, and keeps the bytes', () => {
  const told: [string, string][] = [];
  const output = new CommandOutput(3, (text, stream) => told.push([text, stream]));
  const [one, other] = Buffer.from('ä');
  output.push(Buffer.from([0x61, one ?? 0]), 'stdout');
  output.push(Buffer.from([0xff]), 'stderr');
  output.push(Buffer.from([other ?? 0, 0x62]), 'stdout');
  expect(told).toEqual([
    ['a', 'stdout'],
    ['\ufffd', 'stderr'],
    ['äb', 'stdout'],
  ]);
  expect(output.stdout.bytes()).toEqual(Buffer.from('äb'));
  expect(output.stdout.truncated).toBe(true);
  expect(output.stderr.bytes()).toEqual(Buffer.from([0xff]));
});
