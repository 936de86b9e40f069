/** The phases of a node, in the order in which they run. */
export const PHASES = ['image_customization', 'os_installation', 'post_installation'] as const;
export type PhaseName = (typeof PHASES)[number];

/** Where a phase stands, as recorded in the state file. */
export type PhaseStatus = 'pending' | 'running' | 'failed' | 'completed';

/** Anything that JSON can say. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** What each phase hands to the next; also what the state file keeps. */
export interface PhaseOutputs {
  image_customization: CustomizedImage;
  os_installation: InstalledNode;
  post_installation: ConfiguredNode;
}

/** Phase 1's result: an image made for one node. Serialisable, free of secrets. */
export interface CustomizedImage {
  /** Absolute path of the image file. */
  readonly path: string;
  /** What the file's bytes are. */
  readonly format: 'xz' | 'raw';
  /** Length of the file in bytes. */
  readonly sizeBytes: number;
  /** SHA-256 of the file's bytes, hex. */
  readonly sha256: string;
  /** Length of the decompressed disk image in bytes. */
  readonly rawSizeBytes: number;
  /** SHA-256 of the decompressed disk image, hex; undefined when it was not computed. */
  readonly rawSha256?: string;
  /** The operating system plugin that made it. */
  readonly os: string;
  readonly hostname: string;
  /** Public SSH host keys that the node will answer with, in OpenSSH one-line form. */
  readonly hostKeys: readonly string[];
  /** Digest of the credentials that are in the image; undefined when none are yet. */
  readonly credentialsHash?: string;
  /** Whatever the OS plugin needs again in a later phase. */
  readonly facts: Readonly<Record<string, JsonValue | undefined>>;
}

/** Phase 2's result: an image that is on a node. Serialisable, free of secrets. */
export interface InstalledNode {
  /** Unique for each installation: a re-flash, even of equal bytes, has another one. */
  readonly installationId: string;
  /** SHA-256 of the customised image's file. */
  readonly imageSha256: string;
  readonly os: string;
  readonly ipAddress: string;
  readonly hostname: string;
  readonly hostKeys: readonly string[];
  /** The user to log in as. */
  readonly username: string;
  readonly strategy: string;
}

/** Phase 3's result. */
export interface ConfiguredNode {
  readonly installationId: string;
  /** How many actions are on record. */
  readonly actions: number;
}
