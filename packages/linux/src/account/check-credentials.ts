import type { CredentialPlan } from '@turingpi/provisioning';
import { checkPackageName } from '../first-boot/first-boot-service.js';
import { checkLocale, checkTimezone } from '../locale/locale.js';
import { checkPassword } from './password-hash.js';
import { checkUsername } from './username.js';

/**
 * Refuses first-boot settings that no Linux takes.
 *
 * @throws LinuxError `USERNAME_INVALID`, `PASSWORD_EMPTY`, `PASSWORD_INVALID`, `TIMEZONE_INVALID`, `LOCALE_INVALID`,
 * `PACKAGE_NAME_INVALID`.
 */
export function checkCredentials({ username, password, timezone, locale, packages }: CredentialPlan): void {
  if (username !== undefined) checkUsername(username);
  if (timezone !== undefined) checkTimezone(timezone);
  if (locale !== undefined) checkLocale(locale);
  for (const name of packages) checkPackageName(name);
  if (password) checkPassword(password);
}
