import { Secret } from '@turingpi/foundation';
import { expect, it } from 'vitest';
import { createLogger } from './create-logger.js';
import { redactingLogger } from './redacting-logger.js';
import { Redactor } from './redactor.js';

const HIDDEN = 'kept "for" us\nalone';

it('no known secret gets into a line, wherever it is, and errors keep their stacks', () => {
  const lines: string[] = [];
  const redactor = new Redactor();
  const logger = redactingLogger(
    createLogger({ level: 'debug', destination: { write: (line) => void lines.push(line) } }),
    redactor,
  );
  redactor.add(new Secret(HIDDEN)); // known only later, as those of nodes are
  const inner = new Error(`refused ${HIDDEN}`);
  logger.error(
    { err: new Error('could not', { cause: inner }), list: [{ said: HIDDEN }] },
    `it was ${HIDDEN}`,
  );
  logger.child({ of: HIDDEN }).debug({}, 'fine');
  const [failed, fine] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.join('')).not.toContain('for\\" us');
  expect(failed).toMatchObject({ msg: 'it was [secret]', list: [{ said: '[secret]' }] });
  expect(JSON.stringify(failed?.['err'])).toMatch(/could not.*refused \[secret\].*redacting-logger\.test/);
  expect(fine).toMatchObject({ of: '[secret]', msg: 'fine' });
});
