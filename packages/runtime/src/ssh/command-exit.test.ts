import { expect, it } from 'vitest';
import { exitOfChannel, exitOfStatus } from './command-exit.js';

it('tells a signal from an exit code, of a server and of a shell', () => {
  expect(exitOfChannel(3, undefined)).toEqual({ exitCode: 3, signal: undefined });
  expect(exitOfChannel(null, 'TERM')).toEqual({ exitCode: 143, signal: 'SIGTERM' });
  expect(exitOfChannel(null, 'SIGKILL')).toEqual({ exitCode: 137, signal: 'SIGKILL' });
  expect(exitOfChannel(null, undefined)).toEqual({ exitCode: 128, signal: undefined });
  expect(exitOfStatus(127)).toEqual({ exitCode: 127, signal: undefined });
  expect(exitOfStatus(143)).toEqual({ exitCode: 143, signal: 'SIGTERM' });
  expect(exitOfStatus(255)).toEqual({ exitCode: 255, signal: undefined });
});
