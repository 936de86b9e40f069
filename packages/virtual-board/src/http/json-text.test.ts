import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type JsonNode, JsonTextError, parseJsonText } from './json-text.js';

function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
    case 'array':
      return node.items.map(plain);
    case 'null':
      return null;
    default:
      return node.value;
  }
}

test('reads what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      expect(plain(parseJsonText(text))).toEqual(JSON.parse(text));
    }),
  );
});

test('refuses what JSON.parse refuses', () => {
  const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', 'null', ' ', '-', '"\\', '\n');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      if (valid) expect(() => parseJsonText(text)).not.toThrow();
      else expect(() => parseJsonText(text)).toThrow(JsonTextError);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['{', 'EOF while parsing an object at line 1 column 1'],
  ['', 'EOF while parsing a value at line 1 column 0'],
  ['[1,', 'EOF while parsing a value at line 1 column 3'],
  ['{"a" 1}', 'expected `:` at line 1 column 6'],
  ['{"a":1,}', 'trailing comma at line 1 column 8'],
  ['1 2', 'trailing characters at line 1 column 3'],
])('places the error in %s', (text, message) => {
  expect(() => parseJsonText(text)).toThrow(message);
});
