import type { ModuleId } from '../node/module-id.js';
import type { NodeName } from '@turingpi/foundation';

/** The phases of a node, in the order in which they run. */
export const PHASES = ['image_customization', 'os_installation', 'post_installation'] as const;
export type PhaseName = (typeof PHASES)[number];

/** Where a phase stands, as recorded in the state file. */
export type PhaseStatus = 'pending' | 'running' | 'failed' | 'completed';

/** Anything that JSON can say. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

/** Inputs of a phase under names that keep their meaning, so that two of them can be compared. */
export type NamedInputs = Readonly<Record<string, JsonValue>>;

/** What each phase hands to the next; also what the state file keeps. */
export interface PhaseOutputs {
  image_customization: CustomizedImage;
  os_installation: InstalledNode;
  post_installation: ConfiguredNode;
}

/** Phase 1's result: an image made for one node. Serialisable, free of secrets. */
export interface CustomizedImage {
  /** Absolute path of the image file; in records relative to the cache directory, so that it may be moved. */
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
  /** SHA-256 over the named inputs that decided it, hex: what it is meant to be, whatever its bytes. Set by core. */
  readonly plan?: string;
  /** It stands for what an adopted node runs: there is no such file. */
  readonly adopted?: boolean;
  /** The operating system plugin that made it. */
  readonly os: string;
  readonly hostname: string;
  /** Public keys that the node will prove itself with, of SSH as a rule, in OpenSSH one-line form. */
  readonly hostKeys: readonly string[];
  /** Name of the node that it was made for; undefined in records of earlier versions, as what follows is. */
  readonly node?: NodeName;
  /** Which of the node's installations it is for, counted from 1. */
  readonly generation?: number;
  /** What an installation of it will be known by; also in the image, in `/etc/turingpi/installation.json`. */
  readonly installationId?: string;
  /** The version of the steps that made it: a higher one makes another image of the same inputs. */
  readonly recipe?: number;
  /** Everything that was asked of it, by name; what is long or secret as a digest. */
  readonly inputs?: NamedInputs;
  /** Digest of the credentials that are in the image; undefined when none are yet. */
  readonly credentialsHash?: string;
  /**
   * What the OS plugin needs again in a later phase, as far as it has not declared fields of its own by augmenting this
   * interface; JSON, and to be checked by who reads it.
   */
  readonly facts?: Readonly<Record<string, JsonValue | undefined>>;
}

/** Where a secret is, without saying it. */
export type SecretReference =
  | { readonly env: string }
  /** An absolute path. */
  | { readonly file: string }
  /** It was given as a value, which is recorded nowhere: the process that was given it finds it under this name. */
  | { readonly given: string };

/** How a node is logged in to, besides the user's name and the host keys. No secret is in it. */
export interface RecordedLogin {
  /** Public keys that it lets in, without comments, in an order of our own. */
  readonly sshKeys: readonly string[];
  /** Undefined when no password is known that could be typed. */
  readonly password?: SecretReference;
}

/** Phase 2's result: an image that is on a node. Serialisable, free of secrets. */
export interface InstalledNode {
  /** Unique for each installation: a re-flash, even of equal settings, has another one. */
  readonly installationId: string;
  /** Which of the node's installations it is, counted from 1; undefined for an image that was made without. */
  readonly generation?: number;
  /** The recipe of the image that is installed. */
  readonly recipe?: number;
  /** The inputs of the image that is installed. */
  readonly inputs?: NamedInputs;
  /** SHA-256 of the decompressed base image, hex: tells the same base in another compression. */
  readonly baseContent?: string;
  /** SHA-256 of the customised image's file. */
  readonly imageSha256: string;
  readonly os: string;
  readonly ipAddress: string;
  readonly hostname: string;
  readonly hostKeys: readonly string[];
  /** The user to log in as; undefined when nobody can, as on a system without SSH. */
  readonly username?: string;
  /** As the last run that looked at the installation was told; undefined in records of earlier versions. */
  readonly login?: RecordedLogin;
  readonly strategy: string;
  /** The module that it runs on, as far as it tells; undefined while nobody has asked it. */
  readonly module?: ModuleId;
}

/** Phase 3's result. */
export interface ConfiguredNode {
  readonly installationId: string;
  /** How many actions are on record. */
  readonly actions: number;
}
