import { LinuxError } from '../linux-error.js';

/** @throws LinuxError `USERNAME_INVALID` for names that Debian's tools refuse or that belong to the system. */
export function checkUsername(username: string): void {
  const wrong = !/^[a-z_][a-z0-9_-]{0,31}$/.test(username)
    ? 'is not made of lower-case letters, digits, - and _ (at most 32, a letter or _ first)'
    : ['daemon', 'bin', 'sys', 'nobody', 'sudo', 'adm', 'www-data'].includes(username)
      ? 'belongs to the system'
      : undefined;
  if (wrong !== undefined)
    throw new LinuxError('USERNAME_INVALID', `username '${username}' ${wrong}`, {
      hint: 'Use a name like ops or ubuntu.',
    });
}
