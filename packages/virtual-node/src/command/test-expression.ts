import type { CommandCall } from '../shell/command.js';

const BITS: Readonly<Record<string, number>> = { '-r': 4, '-w': 2, '-x': 1 };

/** Evaluates `test`: files, strings, numbers, `!`, `-a`, `-o`. @returns 0 for true, 1 for false, 2 for nonsense. */
export async function testExpression(call: CommandCall, args: readonly string[]): Promise<number> {
  const or = args.indexOf('-o');
  if (or > 0 && args.length > 3)
    return (await testExpression(call, args.slice(0, or))) === 0
      ? 0
      : testExpression(call, args.slice(or + 1));
  const and = args.indexOf('-a');
  if (and > 0 && args.length > 3) {
    const first = await testExpression(call, args.slice(0, and));
    return first === 0 ? testExpression(call, args.slice(and + 1)) : first;
  }
  if (args[0] === '!' && args.length > 1) {
    const status = await testExpression(call, args.slice(1));
    return status === 2 ? 2 : 1 - status;
  }
  const [first = '', second = '', third = ''] = args;
  if (args.length === 0) return 1;
  if (args.length === 1) return Number(first === '');
  if (args.length === 2) return unary(call, first, second);
  if (args.length === 3) return binary(call, first, second, third);
  call.io.err('sh: 1: test: too many arguments\n');
  return 2;
}

async function unary(call: CommandCall, operator: string, operand: string): Promise<number> {
  if (operator === '-n') return Number(operand === '');
  if (operator === '-z') return Number(operand !== '');
  const path = call.path(operand);
  if (operator === '-L' || operator === '-h')
    return Number((await call.files.lstat(path).catch(() => undefined))?.type !== 'symlink');
  const stat = await call.files.stat(path).catch(() => undefined);
  switch (operator) {
    case '-e':
      return Number(stat === undefined);
    case '-f':
      return Number(stat?.type !== 'file');
    case '-d':
      return Number(stat?.type !== 'directory');
    case '-s':
      return Number(stat === undefined || stat.size === 0);
    case '-r':
    case '-w':
    case '-x':
      return call.files.demand(path, BITS[operator] ?? 0).then(
        () => 0,
        () => 1,
      );
    default:
      call.io.err(`sh: 1: test: ${operator}: unexpected operator\n`);
      return 2;
  }
}

function binary(call: CommandCall, left: string, operator: string, right: string): number {
  const [a, b] = [Number(left), Number(right)];
  switch (operator) {
    case '=':
    case '==':
      return Number(left !== right);
    case '!=':
      return Number(left === right);
    case '-eq':
      return Number(a !== b);
    case '-ne':
      return Number(a === b);
    case '-lt':
      return Number(!(a < b));
    case '-le':
      return Number(!(a <= b));
    case '-gt':
      return Number(!(a > b));
    case '-ge':
      return Number(!(a >= b));
    default:
      call.io.err(`sh: 1: test: ${operator}: unexpected operator\n`);
      return 2;
  }
}
