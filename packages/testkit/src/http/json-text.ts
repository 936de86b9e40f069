/** JSON that the daemon's parser refuses; the message is the parser's, with line and column. */
export class JsonTextError extends Error {}

/** A parsed value with where it ended, counted as the daemon's parser counts. */
export type JsonNode =
  | { readonly kind: 'object'; readonly entries: readonly JsonEntry[]; readonly end: JsonPlace }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[]; readonly end: JsonPlace }
  | { readonly kind: 'string'; readonly value: string; readonly end: JsonPlace }
  | { readonly kind: 'number'; readonly value: number; readonly end: JsonPlace }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly end: JsonPlace }
  | { readonly kind: 'null'; readonly end: JsonPlace };

/** One key of an object; `keyEnd` is where errors about the key point. */
export interface JsonEntry {
  readonly key: string;
  readonly keyEnd: JsonPlace;
  readonly value: JsonNode;
}

/** Line (from 1) and column (characters read on it). */
export interface JsonPlace {
  readonly line: number;
  readonly column: number;
}

/** Adds the place to a message as the daemon's parser does. */
export function jsonError(message: string, place: JsonPlace): JsonTextError {
  return new JsonTextError(`${message} at line ${place.line} column ${place.column}`);
}

/** Parses JSON keeping places, because error replies quote them (bmc-api.md §2.1). @throws JsonTextError */
export function parseJsonText(text: string): JsonNode {
  const parser = new JsonTextParser(text);
  return parser.document();
}

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
    return { kind: 'number', value: Number(number[0]), end: this.#place() };
  }

  #object(): JsonNode {
    const entries: JsonEntry[] = [];
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
    return { kind: 'object', entries, end: this.#place() };
  }

  #array(): JsonNode {
    const items: JsonNode[] = [];
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
    return { kind: 'array', items, end: this.#place() };
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
        try {
          return JSON.parse(this.text.slice(start, this.#at)) as string;
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
      column: Buffer.byteLength(before.slice(lineStart)), // the parser counts bytes
    };
  }

  #error(message: string, ahead = 0): JsonTextError {
    return jsonError(message, this.#place(ahead));
  }
}
