/** Something that a run left behind which does not exist any more. */
export interface Leftover {
  readonly kind: 'temporary-file' | 'working-copy' | 'loop-device' | 'mount' | 'container';
  /** Path, device, mount point, or container id. */
  readonly name: string;
  /** The process that it belonged to. */
  readonly pid: number;
}

export interface FindLeftoversOptions {
  /** Directories that are looked into, not below: the cache, and where images are saved. */
  readonly directories: readonly string[];
  /** Lists containers that carry our label and removes one; without it, containers are not looked for. */
  readonly containers?: LeftoverContainers;
}

/** Where containers of dead runs are found. */
export interface LeftoverContainers {
  /** Those of processes that are gone. Empty when there is no Docker. */
  find(): Promise<Leftover[]>;
  remove(id: string): Promise<void>;
}
