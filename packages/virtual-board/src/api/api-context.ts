import type { BoardProfile } from '../board/board-profile.js';
import type { BoardHardware } from '../hardware/board-hardware.js';
import type { Query } from '../http/query.js';
import type { Outcome } from '../http/reply.js';
import type { BoardIdentity } from './board-identity.js';

/** What the types of the API work on. */
export interface ApiContext {
  readonly hardware: BoardHardware;
  readonly profile: BoardProfile;
  readonly identity: BoardIdentity;
  /** Speeds set through the API, by device name. */
  readonly coolingSpeeds: Map<string, number>;
  /** What lies at `/mnt/sdcard` of the BMC, and where firmware is staged. */
  readonly sdCardDir: string;
  readonly firmwareDir: string;
  /** Restarts the daemon, or the whole BMC. */
  readonly restart: (what: 'daemon' | 'bmc') => void;
}

/** Answers one `type` for one `opt`. */
export type TypeHandler = (context: ApiContext, query: Query) => Outcome | Promise<Outcome>;

/** The handlers of a `type`; `since23` hides it from firmware before 2.3. */
export interface ApiType {
  readonly get?: TypeHandler;
  readonly set?: TypeHandler;
  readonly since23?: boolean;
  /** Whether the profile has it at all; default: every one does. */
  readonly on?: (profile: BoardProfile) => boolean;
}
