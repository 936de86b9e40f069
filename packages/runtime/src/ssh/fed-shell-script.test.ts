import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteCommand } from '../command/quote-command.js';
import { FED_SHELL, FED_SHELL_READY, type FedCommand, renderFrame } from './fed-shell-script.js';

const ID = '0123456789abcdef';

function run(...commands: FedCommand[]): Buffer {
  const frames = commands.map((command) => renderFrame(ID, command)).join('');
  return execFileSync('sh', ['-c', FED_SHELL], { input: frames, stdio: ['pipe', 'pipe', 'ignore'] });
}

describe.skipIf(process.platform !== 'linux')('a frame for a fed shell', () => {
  it('is one line, whatever the command and its input are', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), (text, input) => {
        const line = text.replaceAll('\0', '');
        for (const isProgram of [true, false]) {
          const frame = renderFrame(ID, { line, isProgram, input });
          expect(frame.indexOf('\n')).toBe(frame.length - 1);
        }
      }),
    );
  });

  it('brings a real sh exactly the arguments and the bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary-ascii' }), { minLength: 1, maxLength: 8 }),
        fc.uint8Array({ maxLength: 200 }),
        (texts, input) => {
          const words = texts.map((text) => text.replaceAll('\0', ''));
          const line = quoteCommand(['printf', '%s\\036', ...words]);
          const printed = Buffer.from(words.map((word) => `${word}\u001e`).join(''));
          const out = run(
            { line, isProgram: true },
            { line, isProgram: false },
            { line: 'cat', isProgram: true, input },
          ).toString('latin1');
          const parts = out.slice(FED_SHELL_READY.length).split(`{${ID}:0`);
          expect(parts.map((part) => part.replace(/^[+-]\}/, ''))).toEqual([
            printed.toString('latin1'),
            printed.toString('latin1'),
            Buffer.from(input).toString('latin1'),
            '',
          ]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('says how the command ended, and whether something of it is left', () => {
    const out = run(
      { line: 'exit 3', isProgram: false },
      { line: 'kill -KILL $$', isProgram: false },
      { line: 'sleep 1 & echo started', isProgram: false },
    ).toString();
    expect(out).toMatch(new RegExp(`^{ready}{${ID}:3[+-]}{${ID}:137[+-]}started\n{${ID}:0-}$`));
  });
});
