import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Artifact, ArtifactStore, TransferOptions } from '@turingpi/provisioning';
import { ArtifactError } from './artifact-error.js';
import { type ArtifactPlace, nameOf } from './artifact-place.js';
import { seal, type SealingKeys, unseal } from './sealed-stream.js';
import { writeWholeFile } from './whole-file.js';

const CHUNK_BYTES = 1 << 20;

/** Artefacts by digest: what carries keys is encrypted before it leaves this computer, and all is checked that comes. */
export class SealedArtifacts implements ArtifactStore {
  constructor(
    private readonly place: ArtifactPlace,
    private readonly keys: SealingKeys,
  ) {}

  get location(): string {
    return this.place.location;
  }

  has({ sha256, isSecret }: Artifact, signal: AbortSignal): Promise<boolean> {
    return this.place.has(nameOf(sha256, isSecret), signal);
  }

  /** @throws ArtifactError `ARTIFACT_DAMAGED`, `ARTIFACT_SEALED`, `ARTIFACTS_UNREACHABLE` */
  async bring(artifact: Artifact, file: string, options: TransferOptions): Promise<boolean> {
    const { sha256, isSecret } = artifact;
    const name = nameOf(sha256, isSecret);
    const stored = await this.place.read(name, options.signal);
    if (stored === undefined) return false;
    const where = `${this.location}, ${name}`;
    const content = isSecret ? await unseal(stored, this.keys, where) : stored;
    const told = counted(content, 'fetch shared image', options);
    await writeWholeFile(file, checked(told, sha256, where), options.signal, 'own');
    await this.place.touch(name, options.signal);
    return true;
  }

  /** @throws ArtifactError `ARTIFACT_DAMAGED` when the file is not what it is said to be; `ARTIFACTS_UNREACHABLE` */
  async share({ sha256, isSecret }: Artifact, file: string, options: TransferOptions): Promise<void> {
    const { signal } = options;
    const name = nameOf(sha256, isSecret);
    if (await this.place.has(name, signal)) return this.place.touch(name, signal);
    const { size } = await stat(file);
    const source = createReadStream(file, { signal, highWaterMark: CHUNK_BYTES });
    const content = checked(counted(source, 'share image', options, size), sha256, file);
    await this.place.write(name, isSecret ? await seal(content, this.keys) : content, signal);
  }
}

/** Content as it passes, until its end shows that it is something else. */
async function* checked(
  content: AsyncIterable<Uint8Array>,
  sha256: string,
  where: string,
): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
  const actual = hash.digest('hex');
  if (actual === sha256) return;
  throw new ArtifactError('ARTIFACT_DAMAGED', `${where} has the SHA-256 ${actual}, expected is ${sha256}`, {
    details: { expected: sha256, actual },
    hint: 'Remove the file; it is made and shared again by the next run.',
  });
}

async function* counted(
  content: AsyncIterable<Uint8Array>,
  activity: string,
  { progress }: TransferOptions,
  total?: number,
): AsyncIterable<Uint8Array> {
  let done = 0;
  for await (const chunk of content) {
    done += chunk.length;
    progress({ activity, done, unit: 'bytes', ...(total === undefined ? {} : { total }) });
    yield chunk;
  }
}
