import { expect, test } from 'vitest';
import { nodeOfProcess, transferStatusSchema } from './transfer-status.js';

test.each([
  ['"Ready"', { state: 'ready' }],
  [
    '{"Transferring":{"id":3452941224,"process_name":"Node 1 os install service","size":606662656,"cancelled":false,"bytes_written":104857600}}',
    {
      state: 'transferring',
      handle: 3452941224,
      process: 'Node 1 os install service',
      sizeBytes: 606662656,
      bytesWritten: 104857600,
    },
  ],
  [
    '{"Done":[{"secs":994,"nanos":500000000},3288336384]}',
    { state: 'done', elapsedMs: 994_500, sizeBytes: 3288336384 },
  ],
  ['{"Error":"USB"}', { state: 'error', text: 'USB' }],
])('%s', (text, status) => {
  expect(transferStatusSchema.parse(JSON.parse(text))).toEqual(status);
});

test.each(['"Busy"', '{}', '{"Done":[]}', '{"Transferring":{"id":"x"}}', 'null', '{"Error":7}'])(
  'refuses %s',
  (text) => {
    expect(transferStatusSchema.safeParse(JSON.parse(text)).success).toBe(false);
  },
);

test.each([
  ['Node 2 os install service', 2],
  ['Node 4 upgrade service', 4],
  ['firmware upgrade service', undefined],
  ['Node 9 os install service', undefined],
])('%s is about node %s', (process, node) => {
  expect(nodeOfProcess(process)).toBe(node);
});
