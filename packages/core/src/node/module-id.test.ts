import { expect, it } from 'vitest';
import { type ModuleId, moduleDifference } from './module-id.js';

it.each<[ModuleId, ModuleId, RegExp | undefined]>([
  [{ serial: 'a', disk: 'x' }, { serial: 'a', disk: 'x' }, undefined],
  [{ serial: 'a' }, { disk: 'x' }, undefined],
  [{ serial: 'a', disk: 'x' }, {}, undefined],
  [{ serial: 'a', disk: 'x' }, { serial: 'b', disk: 'x' }, /serial number was a and is b$/],
  [{ serial: 'a', disk: 'x' }, { disk: 'y' }, /storage was x and is y/],
])('%j and %j', (recorded, found, difference) => {
  if (difference === undefined) expect(moduleDifference(recorded, found)).toBeUndefined();
  else expect(moduleDifference(recorded, found)).toMatch(difference);
});
