import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteArgument, quoteCommand } from './quote-command.js';

describe('quoteCommand', () => {
  it('takes a line as it is and quotes what needs it in an array', () => {
    expect(quoteCommand('a && b')).toBe('a && b');
    expect(quoteCommand(['apt-get', 'install', "it's", 'a b', ''])).toBe(
      `apt-get install 'it'\\''s' 'a b' ''`,
    );
  });

  it('refuses nothing, and NUL', () => {
    for (const command of ['', '  ', [], ['a\0b']])
      expect(() => quoteCommand(command)).toThrow(expect.objectContaining({ code: 'COMMAND_INVALID' }));
  });

  it.skipIf(process.platform === 'win32')('survives a real shell unchanged', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary-ascii' }), { minLength: 1, maxLength: 20 }), (words) => {
        const texts = words.map((word) => word.replaceAll('\0', ''));
        const line = `printf '%s\\036' ${texts.map(quoteArgument).join(' ')}`;
        const printed = execFileSync('sh', ['-c', line], { encoding: 'utf8' });
        expect(printed).toBe(texts.map((text) => `${text}\u001e`).join(''));
      }),
      { numRuns: 40 },
    );
  });
});
