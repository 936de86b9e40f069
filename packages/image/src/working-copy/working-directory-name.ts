/** Names the process that a working directory belongs to. */
export const OWNER_FILE = 'owner.json';

const NAME = /^\.working-copy\.(\d+)\.[0-9a-f]+\.turingpi-tmp$/u;

/** What the directory of a working copy is called. */
export function workingDirectoryName(pid: number, random: string): string {
  return `.working-copy.${pid}.${random}.turingpi-tmp`;
}

/** Tells whether a name is that of a working directory. */
export function isWorkingDirectoryName(name: string): boolean {
  return NAME.test(name);
}
