import type { CommandIo, Shell } from './command.js';
import { evaluateArithmetic } from './evaluate-arithmetic.js';
import type { Word, WordPart } from './shell-word.js';

/**
 * Turns words into arguments: variables, command substitution, arithmetic, `~`, splitting at blanks, and patterns
 * with `*` and `?` in the last component of a path.
 */
export async function expandWords(
  shell: Shell,
  words: readonly Word[],
  io: CommandIo,
  { split = true }: { readonly split?: boolean } = {},
): Promise<string[]> {
  const expanded: string[] = [];
  for (const word of words) {
    const fields = new Fields(split);
    for (const [index, part] of word.entries()) await expandPart(shell, part, index === 0, fields, io);
    for (const field of fields.finish())
      expanded.push(...(split && field.pattern ? await glob(shell, field.text) : [field.text]));
  }
  return expanded;
}

/** The fields that one word becomes. */
class Fields {
  readonly #done: { text: string; pattern: boolean }[] = [];
  #text = '';
  #begun = false;
  #pattern = false;

  constructor(private readonly split: boolean) {}

  literal(text: string, quoted: boolean): void {
    if (!quoted && /[*?]/.test(text)) this.#pattern = true;
    if (quoted || text !== '') this.#begun = true;
    this.#text += text;
  }

  expanded(text: string, quoted: boolean): void {
    if (quoted || !this.split) {
      this.literal(text, true);
      return;
    }
    const pieces = text.split(/[ \t\n]+/);
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) this.cut();
      if (piece !== '') this.literal(piece, false);
    }
  }

  cut(): void {
    if (this.#begun) this.#done.push({ text: this.#text, pattern: this.#pattern });
    this.#text = '';
    this.#begun = false;
    this.#pattern = false;
  }

  finish(): { text: string; pattern: boolean }[] {
    this.cut();
    return this.#done;
  }
}

async function expandPart(
  shell: Shell,
  part: WordPart,
  first: boolean,
  fields: Fields,
  io: CommandIo,
): Promise<void> {
  switch (part.kind) {
    case 'text': {
      const home = first && !part.quoted && /^~(?=\/|$)/.test(part.text);
      fields.literal(home ? shell.identity.home + part.text.slice(1) : part.text, part.quoted);
      return;
    }
    case 'variable':
      if (part.name === '@' && part.quoted) {
        for (const [index, value] of shell.position.args.entries()) {
          if (index > 0) fields.cut();
          fields.literal(value, true);
        }
        return;
      }
      fields.expanded(variable(shell, part.name) || (part.fallback ?? ''), part.quoted);
      return;
    case 'arithmetic':
      fields.expanded(String(evaluateArithmetic(part.source, (name) => variable(shell, name))), part.quoted);
      return;
    case 'command': {
      const pieces: Buffer[] = [];
      const child = shell.fork();
      shell.status = await child.run(part.source, {
        ...io,
        out: (data) => void pieces.push(Buffer.from(data as string)),
      });
      fields.expanded(Buffer.concat(pieces).toString('utf8').replace(/\n+$/, ''), part.quoted);
    }
  }
}

function variable(shell: Shell, name: string): string {
  if (name === '?') return String(shell.status);
  if (name === '#') return String(shell.position.args.length);
  if (name === '@' || name === '*') return shell.position.args.join(' ');
  if (name === '$') return '4242';
  if (name === '0') return shell.position.name;
  if (/^[1-9]$/.test(name)) return shell.position.args[Number(name) - 1] ?? '';
  if (name === 'PWD') return shell.directory;
  return shell.variables.get(name) ?? '';
}

async function glob(shell: Shell, text: string): Promise<string[]> {
  const slash = text.lastIndexOf('/');
  const [head, pattern] = [text.slice(0, slash + 1), text.slice(slash + 1)];
  if (/[*?]/.test(head)) return [text];
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  const entries = await shell.files.list(shell.path(head === '' ? '.' : head)).catch(() => []);
  const names = entries.map((entry) => entry.name);
  const found = names.filter(
    (name) => expression.test(name) && (pattern.startsWith('.') || !name.startsWith('.')),
  );
  return found.length === 0 ? [text] : found.sort().map((name) => head + name);
}
