import type { ImageFiles } from '@turingpi/image';
import { nearName } from '@turingpi/core/plugin';
import { LinuxError } from '../linux-error.js';

/**
 * Refuses what is no time zone, by the database that Node.js has; images and nodes have their own, and are asked later.
 *
 * @throws LinuxError `TIMEZONE_INVALID`, with the name that may be meant.
 */
export function checkTimezone(timezone: string): void {
  if (isTimezone(timezone)) return;
  const meant = zoneMeant(timezone);
  throw new LinuxError(
    'TIMEZONE_INVALID',
    `timezone '${timezone}' is not a name of the time zone database${meant === undefined ? '' : `, did you mean ${meant}?`}`,
    {
      hint: 'Use a name like Europe/Berlin or Etc/UTC, with its capital letters. `timedatectl list-timezones` lists them.',
    },
  );
}

/** Copies of the database in which leap seconds are counted, or not: only systems have them. */
const COPY = /^(?:posix|right)\//;

function isTimezone(timezone: string): boolean {
  const name = timezone.replace(COPY, '');
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    // Capital letters are the same to Intl, and not to a file system. Of an alias it only tells what that stands for.
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** The zone that a wrong name may mean: that of the place where the area is wrong or missing, else the nearest. */
function zoneMeant(timezone: string): string | undefined {
  const zones = [...Intl.supportedValuesOf('timeZone'), 'UTC', 'Etc/UTC'];
  const placeIn = (name: string) => name.split('/').at(-1)?.toLowerCase();
  return zones.find((zone) => placeIn(zone) === placeIn(timezone)) ?? nearName(timezone, zones);
}

/** @throws LinuxError `LOCALE_INVALID` */
export function checkLocale(locale: string): void {
  if (!/^(C|POSIX|[a-z]{2,3}(_[A-Z]{2})?)(\.[A-Za-z0-9-]+)?(@[a-z]+)?$/.test(locale))
    throw new LinuxError('LOCALE_INVALID', `locale '${locale}' is not a locale name`, {
      hint: 'Use a name like de_DE.UTF-8.',
    });
}

/** @throws LinuxError `TIMEZONE_INVALID` when the image's own database does not have the name. */
export async function applyTimezone(root: ImageFiles, timezone: string): Promise<void> {
  const zone = `/usr/share/zoneinfo/${timezone}`;
  if ((await root.exists('/usr/share/zoneinfo')) && !(await root.exists(zone)))
    throw new LinuxError('TIMEZONE_INVALID', `the image has no time zone ${timezone}`, {
      hint: `There is no ${zone} in it: check the spelling, or take a base image that has the zone (package tzdata).`,
    });
  await root.symlink(zone, '/etc/localtime');
  await root.writeFile('/etc/timezone', `${timezone}\n`);
}

/** Whether a locale exists without being generated. */
export function isBuiltInLocale(locale: string): boolean {
  return /^(C|POSIX)(\.|$)/.test(locale);
}

/**
 * Switches a locale on in `/etc/locale.gen`, so that `locale-gen` makes it: Debian's makes what is in there, whatever
 * its arguments say.
 */
export async function listLocale(root: ImageFiles, locale: string): Promise<void> {
  if (isBuiltInLocale(locale)) return;
  const list = (await root.readText('/etc/locale.gen')) ?? '';
  await root.writeFile('/etc/locale.gen', listedLocale(list, locale));
}

/** The text of `/etc/locale.gen` with a locale switched on. */
export function listedLocale(list: string, locale: string): string {
  const charset = locale.split('.')[1]?.replace(/@.*/, '') ?? 'UTF-8';
  const line = `${locale} ${charset}`;
  const lines = list.split('\n').filter((text) => text !== '');
  const at = lines.findIndex((text) => text.replace(/^#\s*/, '').trim() === line);
  if (at >= 0) lines[at] = line;
  else lines.push(line);
  return `${lines.join('\n')}\n`;
}

/** Sets the system's language; a locale that must be generated is switched on in `/etc/locale.gen`. */
export async function applyLocale(root: ImageFiles, locale: string): Promise<void> {
  // Debian 13 keeps it in /etc/locale.conf with a link at the old place: writing through the link does both.
  await root.writeFile('/etc/default/locale', `LANG=${locale}\n`);
  await listLocale(root, locale);
}

/** Renders `/etc/default/keyboard`. */
export function renderKeyboard(layout: string, variant = '', model = 'pc105'): string {
  return `XKBMODEL="${model}"\nXKBLAYOUT="${layout}"\nXKBVARIANT="${variant}"\nXKBOPTIONS=""\nBACKSPACE="guess"\n`;
}
