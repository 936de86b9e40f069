import type { FileStat, FileType } from '@turingpi/image';

const LETTERS: Readonly<Record<FileType, string>> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  'character-device': 'c',
  'block-device': 'b',
  fifo: 'p',
  socket: 's',
};

/** A mode as `ls -l` shows it: `-rwxr-xr-x`. */
export function modeText(stat: Pick<FileStat, 'type' | 'mode'>): string {
  const bits = Array.from('rwxrwxrwx', (letter, index) =>
    (stat.mode & (0o400 >> index)) === 0 ? '-' : letter,
  );
  const special = [0o4000, 0o2000, 0o1000].map((bit) => (stat.mode & bit) !== 0);
  for (const [index, at] of [2, 5, 8].entries()) {
    if (special[index] !== true) continue;
    const letter = index === 2 ? 't' : 's';
    bits[at] = bits[at] === 'x' ? letter : letter.toUpperCase();
  }
  return LETTERS[stat.type] + bits.join('');
}

/** The mode after `chmod`: octal, or symbolic such as `u+x,go-w`. Undefined when it makes no sense. */
export function changedMode(change: string, mode: number, isDirectory: boolean): number | undefined {
  if (/^[0-7]{1,4}$/.test(change)) return Number.parseInt(change, 8);
  let changed = mode;
  for (const clause of change.split(',')) {
    const [, who = '', operator, what = ''] = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause) ?? [];
    if (operator === undefined) return undefined;
    const everyone = who === '' || who.includes('a');
    for (const [letter, shift] of [
      ['u', 6],
      ['g', 3],
      ['o', 0],
    ] as const) {
      if (!everyone && !who.includes(letter)) continue;
      let bits = 0;
      if (what.includes('r')) bits |= 4;
      if (what.includes('w')) bits |= 2;
      if (what.includes('x') || (what.includes('X') && (isDirectory || (mode & 0o111) !== 0))) bits |= 1;
      if (operator === '=') changed &= ~(7 << shift);
      changed = operator === '-' ? changed & ~(bits << shift) : changed | (bits << shift);
    }
  }
  return changed;
}
