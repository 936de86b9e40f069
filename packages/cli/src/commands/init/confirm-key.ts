import { type BmcClient, BmcError, type BoardIdentity, normalizeDigest } from '@turingpi/bmc';
import { describeIdentity } from '../../board/describe-identity.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import type { InitOptions } from './init-options.js';
import type { Questions } from './questions.js';

/**
 * Has the key of a board confirmed, once: by a person who compares it, or by a digest that is given. It is remembered as by
 * `turingpi board trust`.
 *
 * @throws UsageError for what is no digest; BmcError `BMC_UNTRUSTED` when it is not confirmed: nobody says yes to a key without having seen it
 */
export async function confirmKey(
  client: BmcClient,
  { fingerprint }: Pick<InitOptions, 'fingerprint'>,
  {
    questions,
    terminal,
    signal,
  }: { readonly questions: Questions; readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<BoardIdentity> {
  const { host, port } = client.endpoint;
  if (fingerprint !== undefined && !/^sha256:[0-9a-f]{64}$/.test(normalizeDigest(fingerprint)))
    throw new UsageError(
      `--fingerprint ${fingerprint} is no digest of a key`,
      'It is sha256: and 64 hexadecimal digits, with or without colons, as the board prints it.',
    );
  const identity = await client.presentedIdentity({ signal });
  if (fingerprint !== undefined) {
    if (![identity.publicKeyPin, identity.certificateFingerprint].includes(normalizeDigest(fingerprint)))
      throw new BmcError(
        'BMC_UNTRUSTED',
        `${host}:${port} shows another key than --fingerprint says: certificate ${identity.certificateFingerprint}`,
      );
  } else {
    if ((await client.trustedBoard())?.publicKeyPin === identity.publicKeyPin) return identity;
    if (!questions.canAsk)
      throw new BmcError('BMC_UNTRUSTED', `nobody has confirmed the key of ${host}:${port}`, {
        hint: `Compare it with what the board itself says, then give it: --fingerprint ${identity.certificateFingerprint}`,
      });
    terminal.stdout.write(describeIdentity(client.endpoint, identity));
    const confirmed = await questions.confirm({
      message: `Trust this key for ${host}:${port} from now on?`,
      flag: '--fingerprint',
      initial: false,
    });
    if (!confirmed) throw new BmcError('BMC_UNTRUSTED', `the key of ${host}:${port} was not confirmed`);
  }
  await client.trust(identity);
  return identity;
}
