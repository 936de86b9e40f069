import { expect, it } from 'vitest';
import { parseModuleId } from './read-module-id.js';

it.each([
  [
    'a1b2c3d4e5f60718\0\n15010044413442345107a5f3d0b8c500\n',
    ['a1b2c3d4e5f60718', '15010044413442345107a5f3d0b8c500'],
  ],
  ['\n15010044413442345107A5F3D0B8C500\n', [undefined, '15010044413442345107a5f3d0b8c500']],
  ['10000000abcdef01\0\n', ['10000000abcdef01', undefined]],
  ['0000000000000000\0\n', [undefined, undefined]],
  ['\n', [undefined, undefined]],
  ['', [undefined, undefined]],
  ['a serial; with more\nnot hex\n', [undefined, undefined]],
])('%j', (text, [serial, disk]) => {
  expect(parseModuleId(text)).toEqual({
    ...(serial !== undefined && { serial }),
    ...(disk !== undefined && { disk }),
  });
});
