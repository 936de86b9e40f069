import { expect, it } from 'vitest';
import { programCall } from './program-call.js';

it.each([
  [{}, 'turingpi'],
  [{ PATH: '/usr/bin' }, 'turingpi'],
  [{ npm_command: 'exec', npm_execpath: '/usr/lib/node_modules/npm/bin/npx-cli.js' }, 'npx turingpi'],
  [{ npm_command: 'run-script' }, 'npx turingpi'],
])('of %j is what works there', (environment, call) => {
  expect(programCall(environment)).toBe(call);
});
