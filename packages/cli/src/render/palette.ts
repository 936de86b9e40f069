import { styleText } from 'node:util';

/** What a text is about; a colour says the same again, and never more. */
export type Tone = 'good' | 'bad' | 'attention' | 'active' | 'quiet' | 'strong';

/** When colours are used: in a terminal, always, or never. */
export type ColorChoice = 'auto' | 'always' | 'never';

/** Gives a text the colour of a tone, or leaves it as it is. */
export type Palette = (tone: Tone, text: string) => string;

const STYLES = {
  good: 'green',
  bad: 'red',
  attention: 'yellow',
  active: 'cyan',
  quiet: 'dim',
  strong: 'bold',
} as const satisfies Record<Tone, Parameters<typeof styleText>[0]>;

/**
 * The colours for an output.
 *
 * @remarks `NO_COLOR` (https://no-color.org) and `FORCE_COLOR` decide where the command line does not.
 */
export function createPalette(
  output: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
  choice: ColorChoice = 'auto',
): Palette {
  if (!hasColors(output, environment, choice)) return (_tone, text) => text;
  return (tone, text) => styleText(STYLES[tone], text, { validateStream: false });
}

function hasColors(
  { isTTY = false }: { readonly isTTY?: boolean },
  { NO_COLOR: no, FORCE_COLOR: force, TERM: term }: Readonly<Record<string, string | undefined>>,
  choice: ColorChoice,
): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (no !== undefined && no !== '') return false;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTTY && term !== 'dumb';
}
