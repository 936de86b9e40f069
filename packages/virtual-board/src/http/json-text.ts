/** JSON that the daemon's parser refuses; the message is the parser's, with line and column. */
export class JsonTextError extends Error {}

/** A parsed value with where it ended, counted as the daemon's parser counts. */
export type JsonNode =
  | {
      readonly kind: 'object';
      readonly entries: readonly JsonEntry[];
      /** Where errors about its being an object point: nothing of it was read then. */
      readonly start: JsonPlace;
      readonly end: JsonPlace;
    }
  | {
      readonly kind: 'array';
      readonly items: readonly JsonNode[];
      readonly start: JsonPlace;
      readonly end: JsonPlace;
    }
  | { readonly kind: 'string'; readonly value: string; readonly end: JsonPlace }
  | { readonly kind: 'number'; readonly value: number; readonly text: string; readonly end: JsonPlace }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly end: JsonPlace }
  | { readonly kind: 'null'; readonly end: JsonPlace };

/** One key of an object; `keyEnd` is where errors about the key point. */
export interface JsonEntry {
  readonly key: string;
  readonly keyEnd: JsonPlace;
  readonly value: JsonNode;
}

/** Line (from 1) and column (bytes read on it). */
export interface JsonPlace {
  readonly line: number;
  readonly column: number;
}

/** Adds the place to a message as the daemon's parser does. */
export function jsonError(message: string, place: JsonPlace): JsonTextError {
  return new JsonTextError(`${message} at line ${place.line} column ${place.column}`);
}

/**
 * Parses JSON keeping places, because error replies quote them (docs/reference/bmc-protocol.md, "Login and tokens").
 *
 * @throws JsonTextError
 */
export function parseJsonText(text: string | Buffer): JsonNode {
  // One character a byte, since places are counted in bytes; strings are decoded when they are read.
  const parser = new JsonTextParser(Buffer.from(text as string, 'utf8').toString('latin1'));
  return parser.document();
}

/** The error for a value of another kind than was expected, in the words of the daemon's parser. */
export function invalidType(node: JsonNode, expected: string): JsonTextError {
  const place = 'start' in node ? node.start : node.end;
  return jsonError(`invalid type: ${described(node)}, expected ${expected}`, place);
}

/** Whether the daemon's parser makes an integer of it: one of more than 64 bits becomes a floating point number. */
export function isWholeNumber(text: string): boolean {
  if (!/^-?\d+$/.test(text)) return false;
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 64n;
}

function described(node: JsonNode): string {
  switch (node.kind) {
    case 'object':
      return 'map';
    case 'array':
      return 'sequence';
    case 'string':
      return `string ${JSON.stringify(node.value)}`;
    case 'number':
      return isWholeNumber(node.text)
        ? `integer \`${node.text}\``
        : `floating point \`${Number.isInteger(node.value) ? `${node.value}.0` : node.value}\``;
    case 'boolean':
      return `boolean \`${String(node.value)}\``;
    case 'null':
      return 'null';
  }
}

const UTF8 = new TextDecoder('utf8', { fatal: true, ignoreBOM: true });

class JsonTextParser {
  #at = 0;

  constructor(private readonly text: string) {}

  document(): JsonNode {
    const value = this.#value('value');
    this.#space();
    if (this.#at < this.text.length) throw this.#error('trailing characters', 1);
    return value;
  }

  #value(what: string): JsonNode {
    this.#space();
    const first = this.text[this.#at];
    if (first === undefined) throw this.#error(`EOF while parsing a ${what}`);
    if (first === '{') return this.#object();
    if (first === '[') return this.#array();
    if (first === '"') {
      const value = this.#string();
      return { kind: 'string', value, end: this.#place() };
    }
    for (const [word, node] of [
      ['true', { kind: 'boolean', value: true }],
      ['false', { kind: 'boolean', value: false }],
      ['null', { kind: 'null' }],
    ] as const) {
      if (first !== word[0]) continue;
      if (!this.text.startsWith(word, this.#at)) throw this.#error('expected ident', 2);
      this.#at += word.length;
      return { ...node, end: this.#place() };
    }
    const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(this.text.slice(this.#at));
    if (!number) throw this.#error('expected value', 1);
    this.#at += number[0].length;
    return { kind: 'number', value: Number(number[0]), text: number[0], end: this.#place() };
  }

  #object(): JsonNode {
    const entries: JsonEntry[] = [];
    const start = this.#place();
    this.#at += 1;
    for (let first = true; ; first = false) {
      this.#space();
      let next = this.text[this.#at];
      if (next === undefined) throw this.#error('EOF while parsing an object');
      if (next === '}') break;
      if (!first) {
        if (next !== ',') throw this.#error('expected `,` or `}`', 1);
        this.#at += 1;
        this.#space();
        next = this.text[this.#at];
        if (next === undefined) throw this.#error('EOF while parsing a value');
        if (next === '}') throw this.#error('trailing comma', 1);
      }
      if (next !== '"') throw this.#error('key must be a string', 1);
      const key = this.#string();
      const keyEnd = this.#place();
      this.#space();
      if (this.text[this.#at] === undefined) throw this.#error('EOF while parsing an object');
      if (this.text[this.#at] !== ':') throw this.#error('expected `:`', 1);
      this.#at += 1;
      entries.push({ key, keyEnd, value: this.#value('value') });
    }
    this.#at += 1;
    return { kind: 'object', entries, start, end: this.#place() };
  }

  #array(): JsonNode {
    const items: JsonNode[] = [];
    const start = this.#place();
    this.#at += 1;
    for (;;) {
      this.#space();
      const next = this.text[this.#at];
      if (next === undefined)
        throw this.#error(`EOF while parsing a ${items.length === 0 ? 'list' : 'value'}`);
      if (next === ']') {
        if (items.length === 0) break;
        throw this.#error('trailing comma', 1);
      }
      items.push(this.#value('value'));
      this.#space();
      const after = this.text[this.#at];
      if (after === undefined) throw this.#error('EOF while parsing a list');
      if (after === ']') break;
      if (after !== ',') throw this.#error('expected `,` or `]`', 1);
      this.#at += 1;
    }
    this.#at += 1;
    return { kind: 'array', items, start, end: this.#place() };
  }

  #string(): string {
    const start = this.#at;
    for (this.#at += 1; this.#at < this.text.length; this.#at += 1) {
      const character = this.text.charAt(this.#at);
      if (character < ' ')
        throw this.#error('control character (\\u0000-\\u001F) found while parsing a string', 1);
      if (character === '\\') this.#at += 1;
      else if (character === '"') {
        this.#at += 1;
        let decoded: string;
        try {
          decoded = UTF8.decode(Buffer.from(this.text.slice(start, this.#at), 'latin1'));
        } catch {
          throw this.#error('invalid unicode code point');
        }
        try {
          return JSON.parse(decoded) as string;
        } catch {
          throw this.#error('invalid escape');
        }
      }
    }
    this.#at = this.text.length;
    throw this.#error('EOF while parsing a string');
  }

  #space(): void {
    while (/[ \t\r\n]/.test(this.text.charAt(this.#at))) this.#at += 1;
  }

  #place(ahead = 0): JsonPlace {
    const before = this.text.slice(0, this.#at + ahead);
    const lineStart = before.lastIndexOf('\n') + 1;
    return {
      line: before.split('\n').length,
      column: before.length - lineStart,
    };
  }

  #error(message: string, ahead = 0): JsonTextError {
    return jsonError(message, this.#place(ahead));
  }
}
