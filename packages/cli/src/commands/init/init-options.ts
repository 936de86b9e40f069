import type { NodeId } from '@turingpi/foundation';

/** What is in a slot, as `--nodes` says it: the type of a board, or undefined for an empty one. */
export type SlotList = Readonly<Record<NodeId, string | undefined>>;

/** A base image as `--image ubuntu/rk1=WHAT` says it. */
export interface ImageChoice {
  readonly os: string;
  readonly board: string;
  /** A name in a catalogue, or a path. */
  readonly image: string;
}

/** Every answer to a question of `turingpi init` as an option. */
export interface InitOptions {
  readonly output?: string;
  /** Files that are there already are replaced. */
  readonly overwrite?: boolean;
  /** Nothing is asked: what has no option and no default is an error. */
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly httpPort?: number;
  readonly user?: string;
  /** A digest of the board's key or certificate, in any form. */
  readonly fingerprint?: string;
  readonly passwordEnv?: string;
  readonly passwordFile?: string;
  readonly newPasswordEnv?: string;
  readonly newPasswordFile?: string;
  readonly nodes?: SlotList;
  readonly image?: readonly ImageChoice[];
  readonly catalog?: readonly string[];
  readonly firstIp?: string;
  readonly prefix?: number;
  readonly gateway?: string;
  readonly dns?: readonly string[];
  readonly nodeUser?: string;
  /** A public key, or the private one beside it; `new` makes a pair. */
  readonly sshKey?: string;
  /** Where SSH reaches simulated nodes: node 1 at this port, the others at those that follow. */
  readonly sshPort?: number;
}
