import { ReadableStream } from 'node:stream/web';
import type { Secret } from '@turingpi/core/plugin';
import { Decrypter, Encrypter, identityToRecipient } from 'age-encryption';
import { ArtifactError } from './artifact-error.js';

/** What artefacts are encrypted with. */
export interface SealingKeys {
  /** An identity of age, which opens them; they are encrypted for it as well. */
  readonly identity: Secret;
  /** Recipients of age, for whom they are encrypted. */
  readonly recipients: readonly string[];
}

/** Encrypts content as it passes, in the format of age. */
export async function seal(
  content: AsyncIterable<Uint8Array>,
  { identity, recipients }: SealingKeys,
): Promise<AsyncIterable<Uint8Array>> {
  const encrypter = new Encrypter();
  const own = await identityToRecipient(identity.reveal());
  for (const recipient of new Set([own, ...recipients])) encrypter.addRecipient(recipient);
  return asIterable(await encrypter.encrypt(asWebStream(content)));
}

/**
 * Decrypts content as it passes. Whoever reads it to the end has all of it, unaltered.
 *
 * @param place - where it is, for messages
 * @throws ArtifactError `ARTIFACT_SEALED` when it is for other keys, or no such content
 */
export async function unseal(
  content: AsyncIterable<Uint8Array>,
  { identity }: SealingKeys,
  place: string,
): Promise<AsyncIterable<Uint8Array>> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity.reveal());
  let failure: Error | undefined;
  const source = asWebStream(content, (error) => (failure = error));
  let opened: AsyncIterable<Uint8Array>;
  try {
    opened = asIterable(await decrypter.decrypt(source));
  } catch {
    if (failure !== undefined) throw failure; // of the way here
    throw new ArtifactError('ARTIFACT_SEALED', `${place} was encrypted for other keys, or is damaged`, {
      hint: 'Give the `key` of the computer that made it, or let that one add yours to its `recipients`.',
    });
  }
  return toTheEnd(opened, () => failure, place);
}

/** What age says of an end that is missing or altered, in words of ours; what went wrong on the way here is passed on. */
async function* toTheEnd(
  content: AsyncIterable<Uint8Array>,
  failureOnTheWay: () => Error | undefined,
  place: string,
): AsyncIterable<Uint8Array> {
  try {
    yield* content;
  } catch (cause) {
    throw (
      failureOnTheWay() ??
      new ArtifactError('ARTIFACT_DAMAGED', `${place} is damaged: it cannot be decrypted to its end`, {
        cause,
        hint: 'Remove the file; it is made and shared again by the next run.',
      })
    );
  }
}

function asWebStream(
  content: AsyncIterable<Uint8Array>,
  onFailure: (error: Error) => void = () => undefined,
): globalThis.ReadableStream<Uint8Array> {
  const reader = content[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const next: IteratorResult<Uint8Array, unknown> = await reader.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      } catch (error) {
        onFailure(error instanceof Error ? error : new Error(String(error)));
        controller.error(error);
      }
    },
    async cancel() {
      await reader.return?.();
    },
  });
}

function asIterable(stream: globalThis.ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  return stream; // it is one in Node.js; the DOM's type does not say so
}
