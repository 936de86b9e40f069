/** Commands that a package of ours brings, which is not installed with the program. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ['fleet', '@turingpi/fleet'],
  ['state-server', '@turingpi/state-http'],
]);

/** How to come by a command that is not there, one sentence; undefined where nobody knows. */
export function wayToCommand(name: string): string | undefined {
  const found = PACKAGES.get(name);
  return found && `turingpi ${name} is of the package ${found}: run \`npm install ${found}\` in this folder`;
}
