import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path/posix';
import { type CommandCall, type CommandTable, readOptions } from '../shell/command.js';
import { FileFailure } from '../system/file-failure.js';

/** Programs that print, read and filter text. */
export const TEXT_COMMANDS: CommandTable = {
  echo: ({ args, io }) => {
    const bare = args[0] === '-n';
    io.out((bare ? args.slice(1) : args).join(' ') + (bare ? '' : '\n'));
    return 0;
  },
  printf: ({ args, io }) => {
    io.out(format(args[0] ?? '', args.slice(1)));
    return 0;
  },
  cat: (call) => eachInput(call, readOptions(call.args).operands, (content) => call.io.out(content)),
  tee: async ({ args, io, files, path }) => {
    const { options, operands } = readOptions(args);
    const content = await io.input.readAll();
    for (const operand of operands) {
      const before =
        options.has('a') && (await files.exists(path(operand)))
          ? await files.readFile(path(operand))
          : Buffer.alloc(0);
      await files.writeFile(path(operand), Buffer.concat([before, content]));
    }
    io.out(content);
    return 0;
  },
  head: (call) => {
    const { options, operands } = readOptions(call.args, ['n', 'c']);
    const bytes = options.get('c');
    if (bytes === undefined) return ends(call, (lines, count) => lines.slice(0, count));
    return eachInput(call, operands, (content) => call.io.out(content.subarray(0, Number(bytes))));
  },
  tail: (call) => ends(call, (lines, count) => lines.slice(-count)),
  wc: (call) => {
    const { options, operands } = readOptions(call.args);
    return eachInput(call, operands, (content, name) => {
      const text = content.toString('utf8');
      const counts = [
        ...(options.size === 0 || options.has('l') ? [text.split('\n').length - 1] : []),
        ...(options.size === 0 || options.has('w') ? [text.split(/\s+/).filter(Boolean).length] : []),
        ...(options.size === 0 || options.has('c') ? [content.length] : []),
      ];
      call.io.out(`${counts.join(' ')}${name === '-' ? '' : ` ${name}`}\n`);
    });
  },
  grep: async (call) => {
    const { options, operands } = readOptions(call.args, ['e']);
    const [pattern = '', ...names] = options.has('e') ? [options.get('e') ?? '', ...operands] : operands;
    const source = options.has('F') ? pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern;
    const expression = new RegExp(source, options.has('i') ? 'i' : '');
    let found = 0;
    const status = await eachInput(call, names, (content) => {
      for (const line of content.toString('utf8').replace(/\n$/, '').split('\n')) {
        if (expression.test(line) === options.has('v')) continue;
        found += 1;
        if (!options.has('q') && !options.has('c')) call.io.out(`${line}\n`);
      }
    });
    if (options.has('c')) call.io.out(`${found}\n`);
    return status !== 0 ? 2 : found > 0 ? 0 : 1;
  },
  base64: (call) => {
    const { options, operands } = readOptions(call.args, ['w', 'wrap']);
    const width = Number(options.get('w') ?? options.get('wrap') ?? 76);
    return eachInput(call, operands, (content) => {
      if (options.has('d')) {
        call.io.out(Buffer.from(content.toString('latin1'), 'base64'));
        return;
      }
      const text = content.toString('base64');
      const lines = width === 0 ? [text] : (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []);
      call.io.out(lines.join('\n') + (width === 0 ? '' : '\n'));
    });
  },
  sha256sum: (call) => digests(call, 'sha256'),
  md5sum: (call) => digests(call, 'md5'),
  basename: ({ args, io }) => {
    io.out(`${basename(args[0] ?? '', args[1] ?? '')}\n`);
    return 0;
  },
  dirname: ({ args, io }) => {
    io.out(`${dirname(args[0] ?? '')}\n`);
    return 0;
  },
};

async function eachInput(
  { name, io, files, path }: CommandCall,
  operands: readonly string[],
  use: (content: Buffer, name: string) => void,
): Promise<number> {
  let status = 0;
  for (const operand of operands.length === 0 ? ['-'] : operands) {
    try {
      use(operand === '-' ? await io.input.readAll() : await files.readFile(path(operand)), operand);
    } catch (error) {
      io.err(`${name}: ${operand}: ${FileFailure.from(error, operand).message}\n`);
      status = 1;
    }
  }
  return status;
}

function ends(call: CommandCall, pick: (lines: string[], count: number) => string[]): Promise<number> {
  const args = call.args.map((arg) => arg.replace(/^-(\d+)$/, '-n$1'));
  const { options, operands } = readOptions(args, ['n']);
  return eachInput(call, operands, (content) => {
    const lines = content.toString('utf8').replace(/\n$/, '').split('\n');
    call.io.out(
      pick(lines, Number(options.get('n') ?? 10))
        .map((line) => `${line}\n`)
        .join(''),
    );
  });
}

function digests(call: CommandCall, algorithm: string): Promise<number> {
  return eachInput(call, readOptions(call.args).operands, (content, name) =>
    call.io.out(`${createHash(algorithm).update(content).digest('hex')}  ${name}\n`),
  );
}

/** printf's `%s %b %d %%` and backslash escapes; the format repeats while there are arguments. */
function format(template: string, args: readonly string[]): string {
  const rest = [...args];
  let text = '';
  do {
    text += template.replaceAll(/%%|%[sbd]|\\(?:[ntr\\"]|[0-7]{1,3})/g, (escape) => {
      if (escape === '%%') return '%';
      if (escape === '%d') return String(Number.parseInt(rest.shift() ?? '0', 10) || 0);
      if (escape === '%s') return rest.shift() ?? '';
      if (escape === '%b') return unescape(rest.shift() ?? '');
      return unescape(escape);
    });
  } while (rest.length > 0 && /%[sbd]/.test(template));
  return text;
}

function unescape(text: string): string {
  return text.replaceAll(/\\([ntr\\"]|[0-7]{1,3})/g, (_, code: string) => {
    const simple: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"' };
    return simple[code] ?? String.fromCharCode(Number.parseInt(code, 8));
  });
}
