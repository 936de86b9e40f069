import type { ImageFiles } from '@turingpi/image';
import { expandGlob } from './expand-glob.js';

/** One condition of a `Match` line, for example user `ada,b*`. */
export interface SshdCriterion {
  readonly kind: string;
  readonly patterns: string;
}

/** One line of the SSH server's configuration, in the order in which sshd reads it. */
export interface SshdSetting {
  /** Lower case, in its present name. */
  readonly keyword: string;
  readonly values: readonly string[];
  readonly file: string;
  /** Counted from one. */
  readonly line: number;
  /** All must hold; undefined for what is said to everybody. */
  readonly match: readonly SshdCriterion[] | undefined;
}

export const SSHD_CONFIG = '/etc/ssh/sshd_config';
/** Debian's options of the service, which win over every file. */
export const SERVICE_OPTIONS = '/etc/default/ssh';
const MAX_DEPTH = 16; // as in OpenSSH's servconf.c

/** Other names that sshd_config(5) and servconf.c know for the same. */
const ALIASES: Readonly<Record<string, string>> = {
  challengeresponseauthentication: 'kbdinteractiveauthentication',
  skeyauthentication: 'kbdinteractiveauthentication',
  dsaauthentication: 'pubkeyauthentication',
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
};

/**
 * Reads the configuration of an image's SSH server: command line, main file, and what they include, in sshd's order.
 *
 * @remarks Empty when there is none. Source: sshd_config(5); checked against `sshd -T`.
 */
export async function readSshdConfig(root: ImageFiles): Promise<SshdSetting[]> {
  const settings = readServiceOptions((await root.readText(SERVICE_OPTIONS)) ?? '');
  await readFile(root, SSHD_CONFIG, undefined, settings, 0);
  return settings;
}

async function readFile(
  root: ImageFiles,
  file: string,
  outer: readonly SshdCriterion[] | undefined,
  into: SshdSetting[],
  depth: number,
): Promise<void> {
  if (depth > MAX_DEPTH || !(await root.exists(file))) return;
  let match = outer; // a Match of an included file ends with that file
  for (const [index, text] of ((await root.readText(file)) ?? '').split('\n').entries()) {
    const { keyword, values } = readLine(text);
    if (keyword === '') continue;
    if (keyword === 'match') match = [...(outer ?? []), ...criteriaOf(values)];
    else if (keyword === 'include')
      for (const pattern of values)
        for (const path of await expandGlob(root, pattern.startsWith('/') ? pattern : `/etc/ssh/${pattern}`))
          await readFile(root, path, match, into, depth + 1);
    else into.push({ keyword, values, file, line: index + 1, match });
  }
}

function readLine(text: string): { keyword: string; values: string[] } {
  const [, name = '', rest = ''] = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+|$)(.*)$/.exec(text) ?? [];
  const values: string[] = [];
  for (const [, double, single, bare] of rest.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)) {
    if (bare?.startsWith('#')) break;
    values.push(double ?? single ?? bare ?? '');
  }
  const keyword = name.toLowerCase();
  return { keyword: ALIASES[keyword] ?? keyword, values };
}

/** `all` stands alone; other criteria have a list of patterns, after a space or `=`. */
function criteriaOf(values: readonly string[]): SshdCriterion[] {
  const words = values.flatMap((value) => {
    const [, kind, patterns] = /^([a-z-]+)=(.*)$/i.exec(value) ?? [];
    return kind === undefined ? [value] : [kind, patterns ?? ''];
  });
  const criteria: SshdCriterion[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const kind = (words[at] ?? '').toLowerCase();
    if (kind === 'all' || kind === 'invalid-user') criteria.push({ kind, patterns: '' });
    else criteria.push({ kind, patterns: words[(at += 1)] ?? '' });
  }
  return criteria;
}

function readServiceOptions(text: string): SshdSetting[] {
  const settings: SshdSetting[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [, options] = /^\s*SSHD_OPTS=["']?(.*?)["']?\s*$/.exec(line) ?? [];
    for (const [, option = ''] of (options ?? '').matchAll(/(?:^|\s)-o\s*(\S+)/g)) {
      const { keyword, values } = readLine(option);
      if (keyword !== '')
        settings.push({ keyword, values, file: SERVICE_OPTIONS, line: index + 1, match: undefined });
    }
  }
  return settings;
}
