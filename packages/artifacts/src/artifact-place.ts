/** Where artefacts lie, by the name of their file: encrypted ones as they were encrypted. */
export interface ArtifactPlace {
  /** For people. */
  readonly location: string;
  /** @throws ArtifactError `ARTIFACTS_UNREACHABLE` */
  has(name: string, signal: AbortSignal): Promise<boolean>;
  /**
   * What is in a file.
   *
   * @returns Undefined when there is none of this name.
   * @throws ArtifactError `ARTIFACTS_UNREACHABLE`, also while it is read
   */
  read(name: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>;
  /**
   * Writes a file, at once or not at all.
   *
   * @throws ArtifactError `ARTIFACTS_UNREACHABLE`, and whatever the content throws
   */
  write(name: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** Notes that a file is in use. */
  touch(name: string, signal: AbortSignal): Promise<void>;
}

/** The name of a file below its place: `ab/abcd…`, so that no directory grows too large. */
export function nameOf(sha256: string, isSecret: boolean): string {
  return `${sha256.slice(0, 2)}/${sha256}${isSecret ? '.age' : ''}`;
}
