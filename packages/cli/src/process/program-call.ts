/**
 * How this program is called so that it is found: by its name where it is installed for all, by `npx` where it was called
 * so, as in a project that has it among its dependencies.
 *
 * @remarks npm tells what it runs by `npm_command`: `exec` is npx, `run-script` and others are scripts of a package.json, in
 * which the name alone is right, but not for who types it.
 */
export function programCall(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['npm_command'] === undefined ? 'turingpi' : 'npx turingpi';
}
