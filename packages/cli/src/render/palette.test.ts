import { expect, it } from 'vitest';
import { createPalette } from './palette.js';

const terminal = { isTTY: true };
const pipe = { isTTY: false };
const RED = '\u001b[31mno\u001b[39m';

it.each([
  ['a terminal', terminal, {}, undefined, RED],
  ['a pipe', pipe, {}, undefined, 'no'],
  ['a terminal that knows no colours', terminal, { TERM: 'dumb' }, undefined, 'no'],
  ['NO_COLOR', terminal, { NO_COLOR: '1' }, undefined, 'no'],
  ['an empty NO_COLOR', terminal, { NO_COLOR: '' }, undefined, RED],
  ['FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, undefined, RED],
  ['FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, undefined, 'no'],
  ['both', terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, undefined, 'no'],
  ['--color always over NO_COLOR', pipe, { NO_COLOR: '1' }, 'always', RED],
  ['--color never over FORCE_COLOR', terminal, { FORCE_COLOR: '1' }, 'never', 'no'],
] as const)('%s', (_what, output, environment, choice, expected) => {
  expect(createPalette(output, environment, choice)('bad', 'no')).toBe(expected);
});
