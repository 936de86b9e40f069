import type { Terminal } from './terminal.js';

/** `--color`, which may stand anywhere, overrules what the environment says of colours. */
export function withColorOption(terminal: Terminal, argv: readonly string[]): Terminal {
  const at = argv.findIndex((word) => word === '--color' || word.startsWith('--color='));
  const choice =
    at < 0 ? undefined : argv[at] === '--color' ? argv[at + 1] : argv[at]?.slice('--color='.length);
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...environment } = terminal.environment;
  if (choice === 'always') return { ...terminal, environment: { ...environment, FORCE_COLOR: '1' } };
  if (choice === 'never') return { ...terminal, environment: { ...environment, NO_COLOR: '1' } };
  return terminal;
}
