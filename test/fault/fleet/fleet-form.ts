import { NODE_IDS, type NodeId } from '@turingpi/foundation';

/** How much of it is done: the short form in CI, and `FLEET=all` in `npm run full`. */
export interface FleetForm {
  readonly nodes: readonly NodeId[];
  /** When a lease is over, in milliseconds. A holder that reaches nobody stops after 0.6 of it. */
  readonly leaseMs: number;
  /** When Temporal takes an agent for dead, in milliseconds. */
  readonly lostAfterMs: number;
  /** How long servers are away, or cannot be reached, in milliseconds. */
  readonly awayMs: number;
  readonly emmcBytesPerSecond: number;
}

const SHORT: FleetForm = {
  nodes: [1],
  leaseMs: 10_000,
  lostAfterMs: 4000,
  awayMs: 500,
  emmcBytesPerSecond: 24 << 20,
};

const LONG: FleetForm = {
  nodes: NODE_IDS,
  leaseMs: 45_000,
  lostAfterMs: 10_000,
  awayMs: 20_000,
  emmcBytesPerSecond: 8 << 20,
};

export const FORM: FleetForm = process.env['FLEET'] === 'all' ? LONG : SHORT;
