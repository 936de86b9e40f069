import type { InstalledNode, JsonValue, Node, PhaseName, PhaseRecord } from '@turingpi/core/plugin';
import type { NodeFacts } from './node-facts.js';

/** Something that is known of a node: from where, and as of when. */
export interface KnownFact<T = JsonValue> {
  readonly value: T;
  /** `record`: as its installation was recorded; `node`: as it said itself; `configuration`: as it is to be. */
  readonly from: 'record' | 'node' | 'configuration';
  /** ISO 8601; what the configuration says was not seen. */
  readonly seen?: string;
}

/** Everything that is known of a node, each fact with its source and time; what nobody knows is absent. */
export interface NodeRecord {
  readonly node: number;
  readonly board?: string;
  readonly hostname: string;
  readonly facts: Readonly<Partial<Record<FactName, KnownFact>>>;
  /** How its phases went last. */
  readonly phases: Readonly<Record<PhaseName, PhaseTimes>>;
}

export type FactName =
  | 'address'
  | 'hostname'
  | 'boardType'
  | 'macAddresses'
  | 'moduleModel'
  | 'moduleSerial'
  | 'moduleStorage'
  | 'disks'
  | 'cpuCount'
  | 'memoryBytes'
  | 'installation'
  | 'generation'
  | 'image'
  | 'baseImage'
  | 'recipe'
  | 'strategy'
  | 'operatingSystem'
  | 'kernel'
  | 'architecture'
  | 'hostKeys'
  | 'username';

export interface PhaseTimes {
  readonly status: string;
  /** ISO 8601, of the last change; absent for a phase of which nothing is on record. */
  readonly at?: string;
  /** Of the last completed run, without waits for others. */
  readonly durationMs?: number;
}

/** What {@link nodeRecord} is made from. */
export interface NodeEvidence {
  readonly node: Node;
  readonly phases: Readonly<Record<PhaseName, PhaseRecord>>;
  /** The installation that stands, with its record. */
  readonly installed?: InstalledNode | undefined;
  readonly record?: PhaseRecord | undefined;
  /** What the node has just said. */
  readonly said?: { readonly facts: NodeFacts; readonly at: string } | undefined;
}

/** Puts together what is known of a node. What it says of itself now wins over what is on record. */
export function nodeRecord({ node, phases, installed, record, said }: NodeEvidence): NodeRecord {
  const facts: Partial<Record<FactName, KnownFact>> = {};
  const know = (name: FactName, from: KnownFact['from'], value: unknown, seen?: string): void => {
    const isNothing =
      value === undefined || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
    if (isNothing) return;
    facts[name] = { value: value as JsonValue, from, ...(seen === undefined ? {} : { seen }) };
  };
  const { config } = node;
  know('address', 'configuration', node.ipAddress);
  know('hostname', 'configuration', node.hostname);
  know('boardType', 'configuration', config.board);
  know('operatingSystem', 'configuration', config.os);
  if (config.macAddress !== undefined) know('macAddresses', 'configuration', [config.macAddress]);
  if (installed !== undefined) {
    const at = record?.timestamp;
    know('address', 'record', installed.ipAddress, at);
    know('hostname', 'record', installed.hostname, at);
    know('moduleSerial', 'record', installed.module?.serial, at);
    know('moduleStorage', 'record', installed.module?.disk, at);
    know('installation', 'record', installed.installationId, at);
    know('generation', 'record', installed.generation, at);
    know('image', 'record', installed.imageSha256, at);
    know('baseImage', 'record', installed.baseContent, at);
    know('recipe', 'record', installed.recipe, at);
    know('strategy', 'record', installed.strategy, at);
    know('operatingSystem', 'record', installed.os, at);
    // A connection that the keys let through is newer evidence of them than the installation.
    know('hostKeys', 'record', installed.hostKeys, said?.at ?? record?.seen_at ?? at);
    know('username', 'record', installed.username, at);
  }
  if (said !== undefined) {
    const { facts: now, at } = said;
    know('hostname', 'node', now.hostname, at);
    know('moduleModel', 'node', now.model, at);
    know('moduleSerial', 'node', now.serial, at);
    know(
      'macAddresses',
      'node',
      now.interfaces.map(({ macAddress }) => macAddress).filter((mac) => mac !== ''),
      at,
    );
    know('disks', 'node', now.disks, at);
    know('cpuCount', 'node', now.cpuCount, at);
    know('memoryBytes', 'node', now.memoryBytes, at);
    know('operatingSystem', 'node', now.os.name, at);
    know('kernel', 'node', now.kernel, at);
    know('architecture', 'node', now.architecture, at);
  }
  const { id, board, hostname } = node;
  return { node: id, ...(board === undefined ? {} : { board }), hostname, facts, phases: timesOf(phases) };
}

function timesOf(phases: NodeEvidence['phases']): NodeRecord['phases'] {
  const times = Object.entries(phases).map(([name, { status, timestamp, duration_ms: durationMs }]) => [
    name,
    {
      status,
      ...(timestamp === '' ? {} : { at: timestamp }),
      ...(durationMs === undefined ? {} : { durationMs }),
    },
  ]);
  return Object.fromEntries(times) as NodeRecord['phases'];
}
