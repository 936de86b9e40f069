/** Messages of glibc and musl in the C locale, in the order in which they are looked for. */
const MESSAGES: readonly (readonly [string, string])[] = [
  ['No space left on device', 'ENOSPC'],
  ['Directory not empty', 'ENOTEMPTY'],
  ['File exists', 'EEXIST'],
  ['Is a directory', 'EISDIR'],
  ['Not a directory', 'ENOTDIR'],
  ['Symbolic link loop', 'ELOOP'],
  ['Too many levels of symbolic links', 'ELOOP'],
  ['File name too long', 'ENAMETOOLONG'],
  ['Filename too long', 'ENAMETOOLONG'],
  ['Operation not permitted', 'EPERM'],
  ['No such file or directory', 'ENOENT'],
  ['Structure needs cleaning', 'EUCLEAN'],
];

/** The error number that the container's script named, or that a program's message stands for; else the text itself. */
export function errorNumber(text: string): string {
  const named = /^E[A-Z]+/u.exec(text)?.[0];
  if (named !== undefined) return named;
  return MESSAGES.find(([message]) => text.includes(message))?.[1] ?? text.trim();
}
