import type { CompoundCommand, Pipeline, Redirection, Script, ShellCommand } from './shell-script.js';
import { isOperator, isPlain, type Token, tokenize } from './shell-token.js';
import { ShellSyntaxError, type Word } from './shell-word.js';

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;

/**
 * Reads a script: the part of the POSIX shell that installation steps are usually written in.
 *
 * @throws ShellSyntaxError also for what a real shell could read and this one cannot: functions, `case`, here
 * documents, background jobs.
 */
export function parseScript(source: string): Script {
  const parser = new Parser(tokenize(source));
  const script = parser.script([]);
  parser.end();
  return script;
}

class Parser {
  #at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  end(): void {
    const token = this.#peek();
    if (token !== undefined) throw unexpected(token);
  }

  /** Pipelines up to one of the reserved words (which is left), or to the end. */
  script(stops: readonly string[]): Script {
    const steps: { when: 'always' | 'success' | 'failure'; pipeline: Pipeline }[] = [];
    let when: 'always' | 'success' | 'failure' = 'always';
    for (;;) {
      this.#skipLineEnds(when !== 'always');
      const token = this.#peek();
      const stopped =
        token === undefined || isOperator(token, ')') || (isPlain(token) && stops.includes(token.plain));
      if (stopped) {
        if (when !== 'always') throw unexpected(token);
        return steps;
      }
      steps.push({ when, pipeline: this.#pipeline() });
      const next = this.#peek();
      if (isOperator(next, '&&') || isOperator(next, '||')) {
        when = next.text === '&&' ? 'success' : 'failure';
        this.#at += 1;
      } else when = 'always';
    }
  }

  #pipeline(): Pipeline {
    const negated = this.#takeWord('!');
    const commands = [this.#command()];
    while (isOperator(this.#peek(), '|')) {
      this.#at += 1;
      this.#skipLineEnds(true);
      commands.push(this.#command());
    }
    return { negated, commands };
  }

  #command(): ShellCommand {
    const token = this.#peek();
    if (token !== undefined && isOperator(token, '(')) {
      this.#at += 1;
      const body = this.script([]);
      this.#expectOperator(')');
      return this.#withRedirections({ kind: 'group', subshell: true, body });
    }
    switch (token !== undefined && isPlain(token) ? token.plain : undefined) {
      case 'if':
        return this.#withRedirections(this.#if());
      case 'while':
      case 'until':
        return this.#withRedirections(this.#loop());
      case 'for':
        return this.#withRedirections(this.#for());
      case '{': {
        this.#at += 1;
        const body = this.script(['}']);
        this.#expectWord('}');
        return this.#withRedirections({ kind: 'group', subshell: false, body });
      }
      case 'case':
      case 'function':
        throw new ShellSyntaxError('"case" and functions are not simulated');
      default:
        return this.#simple();
    }
  }

  #simple(): ShellCommand {
    const assignments: { name: string; value: Word }[] = [];
    const words: Word[] = [];
    const redirections: Redirection[] = [];
    for (let token = this.#peek(); token !== undefined && token.kind !== 'operator'; token = this.#peek()) {
      this.#at += 1;
      if (token.kind === 'redirection') {
        redirections.push(...this.#redirection(token));
        continue;
      }
      const assignment = words.length === 0 ? assignmentOf(token.word) : undefined;
      if (assignment !== undefined) assignments.push(assignment);
      else words.push(token.word);
    }
    const next = this.#peek();
    if (isOperator(next, '(')) throw new ShellSyntaxError('functions are not simulated');
    if (words.length + assignments.length + redirections.length === 0) throw unexpected(next);
    return { kind: 'simple', assignments, words, redirections };
  }

  #if(): CompoundCommand {
    const branches: { condition: Script; body: Script }[] = [];
    let otherwise: Script | undefined;
    this.#at += 1;
    for (;;) {
      const condition = this.script(['then']);
      this.#expectWord('then');
      branches.push({ condition, body: this.script(['elif', 'else', 'fi']) });
      if (this.#takeWord('elif')) continue;
      if (this.#takeWord('else')) otherwise = this.script(['fi']);
      this.#expectWord('fi');
      return { kind: 'if', branches, otherwise };
    }
  }

  #loop(): CompoundCommand {
    const until = this.#takeWord('until');
    if (!until) this.#expectWord('while');
    const condition = this.script(['do']);
    return { kind: 'loop', until, condition, body: this.#doBody() };
  }

  #for(): CompoundCommand {
    this.#at += 1;
    const name = this.#peek();
    if (name === undefined || !isPlain(name)) throw unexpected(name);
    this.#at += 1;
    this.#skipLineEnds(false);
    if (!this.#takeWord('in'))
      return { kind: 'for', name: name.plain, words: undefined, body: this.#doBody() };
    const words: Word[] = [];
    for (let token = this.#peek(); token?.kind === 'word'; token = this.#peek()) {
      words.push(token.word);
      this.#at += 1;
    }
    this.#skipLineEnds(false);
    return { kind: 'for', name: name.plain, words, body: this.#doBody() };
  }

  #doBody(): Script {
    this.#expectWord('do');
    const body = this.script(['done']);
    this.#expectWord('done');
    return body;
  }

  #withRedirections(command: CompoundCommand): ShellCommand {
    const redirections: Redirection[] = [];
    for (let token = this.#peek(); token?.kind === 'redirection'; token = this.#peek()) {
      this.#at += 1;
      redirections.push(...this.#redirection(token));
    }
    return { ...command, redirections };
  }

  #redirection(token: { readonly descriptor: 0 | 1 | 2; readonly text: string }): Redirection[] {
    const target = this.#peek();
    if (target?.kind !== 'word') throw unexpected(target);
    this.#at += 1;
    const { descriptor, text } = token;
    if (text === '&>')
      return [
        { descriptor: 1, kind: 'write', target: target.word },
        { descriptor: 2, kind: 'duplicate', target: [{ kind: 'text', text: '1', quoted: false }] },
      ];
    const kind = text === '<' ? 'read' : text === '>' ? 'write' : text === '>>' ? 'append' : 'duplicate';
    return [{ descriptor, kind, target: target.word }];
  }

  #peek(): Token | undefined {
    return this.tokens[this.#at];
  }

  #skipLineEnds(onlyNewLines: boolean): void {
    for (
      let token = this.#peek();
      isOperator(token, '\n') || (!onlyNewLines && isOperator(token, ';'));
      token = this.#peek()
    )
      this.#at += 1;
  }

  #takeWord(text: string): boolean {
    const token = this.#peek();
    const taken = token !== undefined && isPlain(token) && token.plain === text;
    if (taken) this.#at += 1;
    return taken;
  }

  #expectWord(text: string): void {
    if (!this.#takeWord(text)) throw unexpected(this.#peek(), text);
  }

  #expectOperator(text: string): void {
    if (!isOperator(this.#peek(), text)) throw unexpected(this.#peek(), text);
    this.#at += 1;
  }
}

function assignmentOf(word: Word): { name: string; value: Word } | undefined {
  const [first, ...others] = word;
  if (first?.kind !== 'text' || first.quoted) return undefined;
  const [whole, name] = ASSIGNMENT.exec(first.text) ?? [];
  if (whole === undefined || name === undefined) return undefined;
  return { name, value: [{ ...first, text: first.text.slice(whole.length) }, ...others] };
}

function unexpected(token: Token | undefined, expected?: string): ShellSyntaxError {
  const name =
    token === undefined
      ? 'end of file'
      : token.kind === 'word'
        ? `"${token.plain ?? 'word'}"`
        : JSON.stringify(token.text);
  return new ShellSyntaxError(
    `Syntax error: ${name} unexpected${expected === undefined ? '' : ` (expecting "${expected}")`}`,
  );
}
