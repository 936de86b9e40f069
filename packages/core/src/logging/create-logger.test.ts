import { describe, expect, it } from 'vitest';
import { Secret } from '@turingpi/foundation';
import { createLogger } from './create-logger.js';
import { Redactor } from './redactor.js';

function logged(): { lines: () => string[]; logger: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
  return { lines: () => lines, logger };
}

describe('createLogger', () => {
  it.each<[what: string, fields: object]>([
    ['a field', { password: 'hunter2' }],
    ['a nested field', { bmc: { password: 'hunter2' } }],
    ['a deeper one', { a: { b: { c: { token: 'hunter2' } } } }],
    ['a header', { request: { headers: { authorization: 'hunter2' } } }],
    ['an option of an installer', { options: { initialUserPassword: 'hunter2' } }],
    ['a Secret under any name', { whatever: new Secret('hunter2') }],
    ['a Secret in a list', { list: [new Secret('hunter2')] }],
  ])('hides %s', (_what, fields) => {
    const { logger, lines } = logged();
    logger.info(fields, 'message');
    logger.child(fields).info({}, 'message');
    expect(lines()).toHaveLength(2);
    for (const line of lines()) {
      expect(line).not.toContain('hunter2');
      expect(line).toContain('[secret]');
    }
  });

  it('writes the whole chain of an error', () => {
    const { logger, lines } = logged();
    logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    expect(JSON.parse(lines()[0]!)).toMatchObject({
      msg: 'failed',
      err: { message: 'outer', cause: { message: 'inner' } },
    });
  });
});

describe('Redactor', () => {
  const redactorOf = (...values: string[]) => {
    const redactor = new Redactor();
    for (const value of values) redactor.add(new Secret(value));
    return redactor;
  };

  it('hides every occurrence, with the signs of regular expressions in it', () => {
    expect(redactorOf('a+b(c)$&longer').redact('x a+b(c)$&longer y=a+b(c)$&longer')).toBe(
      'x [secret] y=[secret]',
    );
  });

  it('hides the longer of two secrets of which one contains the other', () => {
    expect(redactorOf('turing-pi', 'turing-pi-secret').redact('turing-pi-secret')).toBe('[secret]');
  });

  it('hides short secrets as words only, long ones also inside words', () => {
    const redactor = redactorOf('turing', 'abcdefgh');
    expect(redactor.redact('turingpi-node1 turing-1 turing.local root:turing@host, turing. xabcdefghx')).toBe(
      'turingpi-node1 turing-1 turing.local root:[secret]@host, [secret]. x[secret]x',
    );
  });

  it('leaves very short ones and nothing at all alone', () => {
    const redactor = redactorOf('abc', '');
    redactor.add(undefined);
    expect(redactor.redact('abc')).toBe('abc');
  });
});
