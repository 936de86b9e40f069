/** Shorter values would blot out ordinary words. */
const SHORTEST = 4;
/** Below this length a value may be a part of a word, as the default password of the board is of host names. */
const SHORTEST_IN_WORDS = 8;

/** What replaces a secret. */
const MASK = '[secret]';

/** Things that are secret, or tell who somebody is, whatever their value. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[private key]'],
  [/PuTTY-User-Key-File-\d[^]*?(?:Private-MAC: \S+|$)/g, '[private key]'],
  [/AGE-SECRET-KEY-1[A-Z0-9]+/gi, '[private key]'],
  [/\$(?:5|6|y|gy|7|2[aby])\$[./\w$=,+-]{8,}/g, '[password hash]'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${MASK}`],
  [
    /\b(ssh-[a-z0-9]+|ecdsa-sha2-\w+|sk-[\w-]+(?:@openssh\.com)?)\s+AAAA[\w+/=]+(?:[ \t]+[^\s"'\\]+)?/g,
    '$1 [public key]',
  ],
  [/\bAAAA[BCE][\w+/]{40,}={0,2}/g, '[public key]'],
  [/(\b[a-z][a-z\d+.-]*:\/\/)[^\s/@"'\\]+@/gi, `$1${MASK}@`],
  [
    /(--?[\w-]*(?:password|passwd|passphrase|secret|token)[ \t]+)("[^"\n]*"|'[^'\n]*'|[^\s"']+)/gi,
    `$1${MASK}`,
  ],
  [
    /([\w-]*(?:password|passwd|passphrase|secret|token)\\?["']?[ \t]*[:=][ \t]*)(\\?"[^"\n]*"|'[^'\n]*'|[^\s,}"']+)/gi,
    `$1${MASK}`,
  ],
];

/**
 * Takes out of a text what nobody else may know: the secrets that are known, however they are written there, and what looks
 * like a key, a hash, a token or a password.
 *
 * @param secrets - values that are known to be secret; of several lines each line counts
 */
export function scrubText(text: string, secrets: readonly string[]): string {
  const values = [...new Set(secrets.flatMap(waysToWrite))].sort((a, b) => b.length - a.length);
  const known = values.reduce((clean, value) => clean.replaceAll(patternOf(value), MASK), text);
  return SHAPES.reduce((clean, [shape, by]) => clean.replaceAll(shape, by), known);
}

/** A value as it is, and as JSON, an address, base64 and hex have it. */
function waysToWrite(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/);
  const values =
    lines.length === 1 ? lines : [secret, ...lines.filter((line) => line.length >= 2 * SHORTEST_IN_WORDS)];
  return values
    .filter((value) => value.trim().length >= SHORTEST)
    .flatMap((value) => {
      const bytes = Buffer.from(value);
      const written = [value, JSON.stringify(value).slice(1, -1), inAddress(value)];
      return value.length < SHORTEST_IN_WORDS
        ? written
        : [
            ...written,
            bytes.toString('base64').replace(/=+$/, ''),
            bytes.toString('base64url'),
            bytes.toString('hex'),
          ];
    });
}

/** Half a character, as the end of a cut text may be, has no such form. */
function inAddress(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    return value;
  }
}

function patternOf(value: string): RegExp {
  const escaped = value.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  if (value.length >= SHORTEST_IN_WORDS) return new RegExp(escaped, 'g');
  return new RegExp(String.raw`(?<![\p{L}\p{N}_-])${escaped}(?![\p{L}\p{N}_-])`, 'gu');
}
