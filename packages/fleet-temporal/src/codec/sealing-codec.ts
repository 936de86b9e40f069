import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import proto from '@temporalio/proto';
import type { Secret } from '@turingpi/core/plugin';
import { FleetEngineError } from '../fleet-engine-error.js';
import { unreadable } from './unreadable-error.js';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;
const ENCODING = 'binary/turingpi-sealed';
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = Buffer.from(ENCODING);

/**
 * What Temporal hands to a codec and takes back.
 *
 * @remarks In words of our own, as is all that this package shows: Temporal's declarations compile in no project that has its own
 * checked as strictly as ours are.
 */
export interface CodecPayload {
  metadata?: Record<string, Uint8Array> | null;
  data?: Uint8Array | null;
}

/**
 * Encrypts all that is handed to Temporal, and decrypts what comes back: the server and its database hold nothing that can
 * be read without the keys of the fleet, which it never gets.
 */
export class SealingCodec {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #newest: { readonly id: string; readonly key: Buffer };

  /**
   * @param keys - 32 bytes each, in base64; the first one encrypts, the others open what was encrypted before
   * @throws FleetEngineError `FLEET_KEY_INVALID`
   */
  constructor(keys: readonly [Secret, ...Secret[]]) {
    const [first, ...others] = keys;
    const key = keyOf(first);
    this.#newest = { id: idOf(key), key };
    this.#keys = new Map([key, ...others.map(keyOf)].map((each) => [idOf(each), each]));
  }

  encode(payloads: CodecPayload[]): Promise<CodecPayload[]> {
    return Promise.resolve(payloads.map((payload) => this.#seal(payload)));
  }

  /** @throws FleetEngineError `FLEET_PAYLOAD_UNREADABLE`: also for a payload in clear, which somebody without a key has put there. */
  decode(payloads: CodecPayload[]): Promise<CodecPayload[]> {
    return Promise.resolve().then(() => payloads.map((payload) => this.#open(payload)));
  }

  #seal(payload: CodecPayload): CodecPayload {
    const id = Buffer.from(this.#newest.id);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#newest.key, nonce).setAAD(id);
    const content = Buffer.concat([cipher.update(PayloadMessage.encode(payload).finish()), cipher.final()]);
    return {
      metadata: { encoding: SEALED, key: id },
      data: Buffer.concat([nonce, content, cipher.getAuthTag()]),
    };
  }

  #open(payload: CodecPayload): CodecPayload {
    const { metadata, data } = payload;
    if (isOfServer(payload)) return payload;
    const id = textOf(metadata?.['key']);
    const key = this.#keys.get(id);
    if (textOf(metadata?.['encoding']) !== ENCODING || key === undefined || data == null)
      throw unreadable(
        id === '' ? 'is not encrypted' : `is encrypted with the key ${id}, which is not at hand`,
      );
    const sealed = Buffer.from(data);
    const end = sealed.length - TAG_BYTES;
    try {
      const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(id))
        .setAuthTag(sealed.subarray(end));
      const content = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]);
      return PayloadMessage.decode(content);
    } catch {
      throw unreadable('is damaged'); // without the cause: nothing of what is in it belongs into a message
    }
  }
}

/**
 * Whether the server itself has written it: with that word it says that a task was cancelled before anybody took it. It is
 * data that nobody looks at, so there is nothing to gain by forging it.
 */
function isOfServer({ metadata, data }: CodecPayload): boolean {
  return textOf(metadata?.['encoding']) === 'json/plain' && textOf(data) === '"ACTIVITY_ID_NOT_STARTED"';
}

/** What a key is known by, without telling anything of it. */
function idOf(key: Buffer): string {
  return createHash('sha256').update('turingpi fleet key').update(key).digest('hex').slice(0, 16);
}

function keyOf(secret: Secret): Buffer {
  const key = Buffer.from(secret.reveal(), 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new FleetEngineError('FLEET_KEY_INVALID', 'a key of the fleet is not 32 bytes in base64', {
    hint: 'Make one with `openssl rand -base64 32`, and give it to the controller and to every agent.',
    category: 'configuration',
  });
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return bytes == null ? '' : Buffer.from(bytes).toString('utf8');
}
