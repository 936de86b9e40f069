import { type Answer, decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ADDRESS, parseAddresses, POINTER, renderQuestions } from './dns-message.js';

const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const address = fc.ipV4().filter((text) => /^\d+(?:\.\d+){3}$/.test(text));

it('asks so that another implementation understands it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.constantFrom(ADDRESS, POINTER)), { maxLength: 6 }), (asked) => {
      const { type, questions } = decode(renderQuestions(asked));
      expect(type).toBe('query');
      expect(questions?.map((each) => [each.name, each.type === 'A' ? ADDRESS : POINTER])).toEqual(asked);
    }),
  );
});

it('reads what another implementation answers, in each of its parts', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, address), { maxLength: 6 }), name, (given, other) => {
      const records = given.map(([of, data]): Answer => ({
        type: 'A',
        name: of,
        data: decimal(data),
        ttl: 1,
      }));
      const pointer: Answer = { type: 'PTR', name: other, data: other };
      const message = encode({
        ...{ type: 'response', questions: [{ type: 'A', name: other }] },
        answers: [pointer, ...records.slice(0, 2)],
        additionals: records.slice(2),
      });
      const read = parseAddresses(message);
      expect(read).toEqual(given.map(([of, data]) => ({ name: of, address: decimal(data) })));
    }),
  );
});

it('reads names that go on where they were written before', () => {
  const question = renderQuestions([['turingpi.local', ADDRESS]]);
  const record = Buffer.from([0xc0, 12, 0, ADDRESS, 0x80, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 7]);
  const message = Buffer.concat([question, record]);
  message.writeUInt16BE(0x8400, 2);
  message.writeUInt16BE(1, 6);
  expect(parseAddresses(message)).toEqual([{ name: 'turingpi.local', address: '10.0.0.7' }]);
  message.writeUInt16BE(0xc000 + question.length, question.length); // to itself
  expect(parseAddresses(message)).toEqual([]);
});

it('ends with whatever is sent', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const message = Buffer.from(bytes);
      if (message.length > 2) message.writeUInt8(0x84, 2);
      expect(Array.isArray(parseAddresses(message))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

/** Without the leading zeros that the generator may write. */
function decimal(text: string): string {
  return text.split('.').map(Number).join('.');
}
