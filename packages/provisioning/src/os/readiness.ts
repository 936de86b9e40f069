import type { Context, CustomizedImage, InstalledNode, Node } from '@turingpi/core/plugin';
import type { SshAuthentication } from '@turingpi/runtime';
import type { BoardOperation } from '../board/board-driver.js';
import type { FirstLogin } from '../installation/first-login.js';

/** A node that was just powered on, and how to get in. */
export interface ReadinessRequest {
  readonly context: Context;
  readonly operation: BoardOperation;
  readonly installed: InstalledNode;
  /** The record of the image that is on it. */
  readonly image: CustomizedImage;
  /** Ways to log in; none for a system without SSH. */
  readonly auth: SshAuthentication;
  /** Undefined when the accounts are prepared in the image. */
  readonly firstLogin: FirstLogin | undefined;
  /** Milliseconds. */
  readonly timeoutMs: number;
}

/** Which node is asked, and whether it is the one that a record is about. */
export interface NodeQuestion {
  readonly context: Pick<Context, 'service'>;
  readonly node: Node;
  /** Public keys of the installation that is expected: those whose private halves its image was given. */
  readonly hostKeys: readonly string[];
  readonly signal: AbortSignal;
}

/** What a node answered: as the installation that was expected, as another one, or not at all. */
export type NodeAnswer =
  | { readonly answer: 'expected' }
  | { readonly answer: 'other'; readonly why: string }
  /** `refused`: something is there, and takes no connection. */
  | { readonly answer: 'none'; readonly why: string; readonly refused?: boolean };
