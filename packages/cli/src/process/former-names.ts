/** Commands by the names that they had in version 0.1, which go with the next minor version, and their names of now. */
export const FORMER_COMMANDS: ReadonlyMap<string, string> = new Map([
  ['bmc', 'board'],
  ['cooling', 'board cooling'],
  ['flash', 'node flash'],
  ['info', 'board info'],
  ['plugins', 'plugin list'],
  ['power', 'node power'],
  ['trust', 'board trust'],
  ['uart', 'node uart'],
  ['usb', 'node usb'],
]);

/** Commands of 0.1 that another one does as well; they stay, hidden, as long as the former names. */
export const FORMER_CHECKS: ReadonlyMap<string, string> = new Map([
  ['cache verify', 'doctor --offline --cache'],
  ['state verify', 'doctor --offline'],
]);

/** What `--force` of 0.1 is called now, by the command as it is called now. */
const FORCE: ReadonlyMap<string, string> = new Map([
  ['board firmware', '--replace-staged'],
  ['image customize', '--overwrite'],
  ['plan', '--accept-image-mismatch'],
  ['reinstall', '--accept-image-mismatch'],
  ['state export', '--overwrite'],
  ['up', '--accept-image-mismatch'],
]);

/** A command line in the names of now. */
export interface PresentWords {
  readonly words: readonly string[];
  /** Which former names were used, and what they are called now: one sentence each. */
  readonly remarks: readonly string[];
}

/**
 * Puts the names of now into a command line that uses former ones.
 *
 * @param words - of the command line, without node and script
 * @param taken - names of commands that are there: a plugin may bring one of a former name
 */
export function presentWords(words: readonly string[], taken: ReadonlySet<string>): PresentWords {
  const remarks: string[] = [];
  const remark = (before: string, now: string) =>
    remarks.push(`${before} is called ${now} now; the old name goes with the next minor version`);
  const at = placeOfCommand(words);
  const isHelp = words[at] === 'help';
  const name = words[isHelp ? at + 1 : at] ?? '';
  const now = taken.has(name) ? undefined : FORMER_COMMANDS.get(name);
  const check = words.slice(at, at + 2).join(' ');
  const checkNow = FORMER_CHECKS.get(check);
  if (checkNow !== undefined) remark(`turingpi ${check}`, `turingpi ${checkNow}`);
  if (now === undefined) return withoutForce(words, at, remark, remarks);
  const rest = words.slice(isHelp ? at + 2 : at + 1);
  remark(`turingpi ${name}`, `turingpi ${now}`);
  const renamed = [...words.slice(0, at), ...now.split(' '), ...rest, ...(isHelp ? ['--help'] : [])];
  return withoutForce(renamed, at, remark, remarks);
}

function withoutForce(
  words: readonly string[],
  at: number,
  remark: (before: string, now: string) => void,
  remarks: readonly string[],
): PresentWords {
  const command = [words.slice(at, at + 2).join(' '), words[at] ?? ''].find((one) => FORCE.has(one));
  const now = FORCE.get(command ?? '');
  const end = words.indexOf('--');
  const force = words.findIndex((word, index) => word === '--force' && (end < 0 || index < end));
  if (command === undefined || now === undefined || force < 0) return { words, remarks };
  remark(`--force of turingpi ${command}`, now);
  return { words: words.with(force, now), remarks };
}

/** Before it stand options of the program; `--color` takes a word of its own. */
function placeOfCommand(words: readonly string[]): number {
  for (let at = 0; at < words.length; at++) {
    if (words[at] === '--color') at++;
    else if (!(words[at] ?? '').startsWith('-')) return at;
  }
  return words.length;
}
