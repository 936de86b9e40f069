import { ShellSyntaxError } from './shell-word.js';

/** Evaluates `$((...))`: integers, names of variables, `+ - * / %` and parentheses. */
export function evaluateArithmetic(source: string, variable: (name: string) => string): number {
  const tokens =
    source.match(/\d+|[A-Za-z_][A-Za-z0-9_]*|[-+*/%()]|\$(?=\w)|\S/g)?.filter((token) => token !== '$') ?? [];
  let at = 0;
  const primary = (): number => {
    const token = tokens[at] ?? '';
    at += 1;
    if (token === '-') return -primary();
    if (token === '+') return primary();
    if (token === '(') {
      const value = sum();
      if (tokens[at] !== ')') throw new ShellSyntaxError('arithmetic expression: expecting ")"');
      at += 1;
      return value;
    }
    if (/^\d+$/.test(token)) return Number(token);
    if (/^[A-Za-z_]/.test(token)) return Number.parseInt(variable(token), 10) || 0;
    throw new ShellSyntaxError(`arithmetic expression: "${source}" is not simulated`);
  };
  const product = (): number => {
    let value = primary();
    for (
      let operator = tokens[at];
      operator === '*' || operator === '/' || operator === '%';
      operator = tokens[at]
    ) {
      at += 1;
      const other = primary();
      if (operator !== '*' && other === 0)
        throw new ShellSyntaxError('arithmetic expression: division by zero');
      value = operator === '*' ? value * other : operator === '/' ? Math.trunc(value / other) : value % other;
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    for (let operator = tokens[at]; operator === '+' || operator === '-'; operator = tokens[at]) {
      at += 1;
      const other = product();
      value = operator === '+' ? value + other : value - other;
    }
    return value;
  };
  const result = sum();
  if (at < tokens.length) throw new ShellSyntaxError(`arithmetic expression: "${source}" is not simulated`);
  return result;
}
