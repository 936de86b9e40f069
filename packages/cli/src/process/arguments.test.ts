import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseHostArgument } from './arguments.js';

describe('a host on the command line', () => {
  it.each([
    ['[::1]', '::1'],
    ['fe80::1', 'fe80::1'],
    ['192.168.1.90', '192.168.1.90'],
    ['turingpi.local', 'turingpi.local'],
    ['https://bmc/', 'bmc'],
  ])('%s is %s', (text, host) => {
    expect(parseHostArgument(text)).toBe(host);
  });

  it.each(['', '[::1', '[::1]:443', '[bmc]', 'https://bmc:8443', 'bmc:443', '192.168.1.300'])(
    '%j is none',
    (text) => {
      expect(() => parseHostArgument(text)).toThrow(InvalidArgumentError);
    },
  );
});
