import { hashInputs } from '@turingpi/core/plugin';
import { expect, it } from 'vitest';
import { renderInstallationRecord } from './installation-record.js';

it('says which installation an image is, with one digest for each input', () => {
  const inputs = { timezone: 'Europe/Berlin', 'network.hostname': 'node1' };
  const record = { id: 'x', node: 'Node1', board: 'rk1', generation: 3, recipe: 2, inputs };
  const text = renderInstallationRecord(record);
  expect(JSON.parse(text)).toEqual({
    ...{ version: 1, id: 'x', node: 'Node1', board: 'rk1', generation: 3, recipe: 2 },
    inputs: { 'network.hostname': hashInputs('node1'), timezone: hashInputs('Europe/Berlin') },
  });
  const turned = Object.fromEntries(Object.entries(inputs).reverse());
  expect(renderInstallationRecord({ ...record, inputs: turned })).toBe(text);
  const boardId = 'serial:XZCT000000001';
  expect(JSON.parse(renderInstallationRecord({ ...record, boardId }))).toMatchObject({
    board: 'rk1',
    boardId,
  });
});
