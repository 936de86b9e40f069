import fc from 'fast-check';
import { expect, test } from 'vitest';
import { apiPath, getCall, setCall, wireNode } from './bmc-call.js';

test('nodes are zero-based on the wire', () => {
  expect([1, 2, 3, 4].map((id) => wireNode(id as 1 | 2 | 3 | 4))).toEqual([0, 1, 2, 3]);
});

test('keys whose presence counts are sent bare, absent ones not at all', () => {
  expect(apiPath('set', 'usb_node1', { alternative_port: true, other: undefined })).toBe(
    '/api/bmc?opt=set&type=usb_node1&alternative_port',
  );
});

test('a call names its type in logs, never its values', () => {
  const call = setCall('uart', { node: 0, cmd: 'hunter2' }, { idempotent: false });
  expect(call.name).toBe('set uart');
  expect(getCall('power', {}, {}).name).toBe('get power');
});

test('no value can be taken for another route, and every value arrives as it was', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('type=flash', 'opt=set&type=firmware', "a+b&c=d%20e'()*!"),
  );
  fc.assert(
    fc.property(value, (cmd) => {
      const path = apiPath('set', 'uart', { node: 0, cmd });
      expect(path.slice('/api/bmc?opt=set&type=uart&node=0&cmd='.length)).toMatch(/^[\w.~%-]*$/);
      expect(new URLSearchParams(path.split('?')[1]).get('cmd')).toBe(cmd);
    }),
    { numRuns: 300 },
  );
});
