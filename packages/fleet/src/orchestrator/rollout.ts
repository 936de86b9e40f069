import type { NodeId } from '@turingpi/foundation';
import type { SignedApproval } from './signed-approval.js';

/** One site, with what its agents do side by side. */
export interface Site {
  readonly id: string;
  readonly limits: SiteLimits;
}

/** How many steps of a kind run side by side on a site; a board installs one node at a time besides. */
export interface SiteLimits {
  readonly customise: number;
  readonly install: number;
  readonly postInstall: number;
}

/** When boards may begin. One that has begun goes on. */
export interface RolloutWindow {
  /** 1 is Monday, 7 is Sunday; the day on which it opens. */
  readonly days: readonly number[];
  /** Minutes after midnight. */
  readonly from: number;
  /** Minutes after midnight, at most 1440; at or before `from`: on the next day. */
  readonly until: number;
  /** Name of the IANA time zone, for example `Europe/Berlin`. */
  readonly timeZone: string;
}

/** How a step that failed for a passing reason is tried again. */
export interface RetryPolicy {
  /** The first one included. */
  readonly attempts: number;
  /** Before the second attempt, in milliseconds; doubled for each further one. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** How a rollout goes through its boards. */
export interface RolloutPolicy {
  /** How many boards at a time. */
  readonly atOnce: number;
  /** After so many failed boards no further one begins; missing: never. */
  readonly stopAfterFailures?: number;
  /** Boards begin in one of these only; none: at any time. */
  readonly windows: readonly RolloutWindow[];
  readonly retry: RetryPolicy;
}

/** A node of a rollout. */
export interface RolloutNode {
  readonly node: NodeId;
  /** Digest of what it is to become, as an agent planned it. */
  readonly plan: string;
  readonly approval?: SignedApproval;
}

/** A board of a rollout. */
export interface RolloutBoard {
  readonly board: string;
  readonly site: string;
  readonly nodes: readonly RolloutNode[];
}

/** What is to be done, with all that an orchestrator needs to know of the fleet: it reads no file. */
export interface Rollout {
  /** Unique: letters, digits, `-`, `_` and `.`. Started again with the same content it is the same one. */
  readonly id: string;
  /** The sites of its boards. */
  readonly sites: readonly Site[];
  /** In the order in which they begin. */
  readonly boards: readonly RolloutBoard[];
  readonly reinstall: boolean;
  readonly policy: RolloutPolicy;
  /** What its steps are part of where somebody traces them: a `traceparent` of W3C Trace Context, which has ids alone. */
  readonly trace?: string;
}
