import type { BmcEndpoint, BoardIdentity } from '@turingpi/bmc';

/** What tells the same on the board itself; one line, to be typed there as it is. */
const COMPARISON =
  'openssl s_client -connect localhost:443 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256';

/** The key that a board shows, for people, in the form in which the command for comparing it prints it on the board. */
export function describeIdentity(
  { host, port }: Pick<BmcEndpoint, 'host' | 'port'>,
  { certificateFingerprint, publicKeyPin }: BoardIdentity,
): string {
  return (
    `${host}:${port} identifies itself with\n` +
    `  ${asOpensslPrints(certificateFingerprint)}\n` +
    `  public key  ${publicKeyPin}\n  certificate ${certificateFingerprint}\n` +
    'Compare the first line with what the board itself prints, over SSH or its serial console:\n' +
    `  ${COMPARISON}\n`
  );
}

/** A digest such as `sha256:ab12…` in the form of `openssl x509 -fingerprint`: `sha256 Fingerprint=AB:12:…`. */
export function asOpensslPrints(digest: string): string {
  const hex = digest.replace(/^sha256:/, '').toUpperCase();
  return `sha256 Fingerprint=${(hex.match(/../g) ?? []).join(':')}`;
}
