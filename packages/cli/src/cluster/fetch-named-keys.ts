import type { ConfigFile } from '@turingpi/core';
import { fetchGithubKeys, namedGithubUsers } from '@turingpi/provisioning';
import { parsePublicKey } from '@turingpi/runtime';
import { onInterruption } from '../process/interruption.js';
import type { Terminal } from '../process/terminal.js';
import { printableLines } from '../render/printable.js';

/** Another server in place of https://github.com, such as one of a company. */
const ADDRESS_VARIABLE = 'TURINGPI_GITHUB_URL';

/**
 * Fetches the keys of accounts on GitHub that a configuration names, once: what is on record beside it stays. Says whose keys
 * they are, since they open the nodes.
 *
 * @throws ProvisioningError `SSH_KEYS_UNAVAILABLE`
 */
export async function fetchNamedKeys(
  { input, baseDir }: Pick<ConfigFile, 'input' | 'baseDir'>,
  { environment, stderr }: Pick<Terminal, 'environment' | 'stderr'>,
): Promise<void> {
  const users = namedGithubUsers(input);
  if (users.length === 0) return;
  using interruption = onInterruption(() => undefined);
  const address = environment[ADDRESS_VARIABLE];
  await fetchGithubKeys(users, {
    baseDir,
    signal: interruption.signal,
    ...(address === undefined || address === '' ? {} : { address }),
    onFetched: (user, { keys, from }, file) => {
      const shown = keys.map((key) => {
        const { type, fingerprint } = parsePublicKey(key);
        return `  ${type} ${fingerprint}\n`;
      });
      stderr.write(
        printableLines(
          `keys of ${user}, from ${from}:\n${shown.join('')}They are recorded in ${file}: remove ${user} there to fetch them anew.\n`,
        ),
      );
    },
  });
}
