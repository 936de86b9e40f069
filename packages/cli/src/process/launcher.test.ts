import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { onLauncherEnd } from './launcher.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const BY_NPX = { npm_lifecycle_event: 'npx', npm_lifecycle_script: "'turingpi'" };

it.each([
  ['npx', BY_NPX, 1],
  ['a script of a package', { ...BY_NPX, npm_lifecycle_event: 'board' }, 0],
  ['a program that npx began', { ...BY_NPX, npm_lifecycle_script: "'vitest'" }, 0],
])('tells once that %s has ended, or never', (_who, environment, times) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const listen = vi.fn();
  const launcher = onLauncherEnd(listen);
  vi.advanceTimersByTime(5000);
  expect(listen).not.toHaveBeenCalled();
  vi.spyOn(process, 'ppid', 'get').mockReturnValue(1);
  vi.advanceTimersByTime(5000);
  expect(listen).toHaveBeenCalledTimes(times);
  launcher[Symbol.dispose]();
});
