const ARMOR =
  /^-----BEGIN OPENSSH PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END OPENSSH PRIVATE KEY-----\s*$/;
const MAGIC = 'openssh-key-v1\0';
/** The last part of a private key fills up a block with 1, 2, 3, … */
const BLOCK_BYTES = 8;
/** How many values a key has after its type, with the comment. */
const VALUES: Readonly<Record<string, number>> = {
  'ssh-ed25519': 3,
  'ecdsa-sha2-nistp256': 4,
  'ecdsa-sha2-nistp384': 4,
  'ecdsa-sha2-nistp521': 4,
  'ssh-rsa': 7,
};

/**
 * Whether a text is a whole private key in OpenSSH's own format without a passphrase, as `ssh-keygen` makes it: told by its
 * structure alone, at the cost of nothing.
 *
 * @returns False also for keys of other kinds, which may be right all the same.
 */
export function isPlainPrivateKey(text: string): boolean {
  const [, body] = ARMOR.exec(text) ?? [];
  if (body === undefined) return false;
  try {
    return isWhole(new Reader(Buffer.from(body, 'base64')));
  } catch (error) {
    if (error instanceof RangeError) return false; // it ends before it should
    throw error;
  }
}

function isWhole(file: Reader): boolean {
  if (file.bytes(MAGIC.length).toString('latin1') !== MAGIC) return false;
  for (const none of ['none', 'none', '']) if (file.value().toString('latin1') !== none) return false;
  if (file.number() !== 1) return false;
  const type = new Reader(file.value()).value().toString('latin1');
  const secret = new Reader(file.value());
  if (file.left !== 0 || secret.number() !== secret.number()) return false; // equal where it was decrypted rightly
  if (secret.value().toString('latin1') !== type) return false;
  const values = VALUES[type];
  if (values === undefined) return false;
  for (let count = 0; count < values; count += 1) secret.value();
  const padding = secret.bytes(secret.left);
  return padding.length < BLOCK_BYTES && padding.every((byte, index) => byte === index + 1);
}

/** Reads the parts of a key one after the other. Throws RangeError at its end. */
class Reader {
  #at = 0;

  constructor(private readonly buffer: Buffer) {}

  get left(): number {
    return this.buffer.length - this.#at;
  }

  number(): number {
    return this.bytes(4).readUInt32BE(0);
  }

  value(): Buffer {
    return this.bytes(this.number());
  }

  bytes(count: number): Buffer {
    if (count > this.left) throw new RangeError('a key ends too early');
    this.#at += count;
    return this.buffer.subarray(this.#at - count, this.#at);
  }
}
