import type { Context } from '@turingpi/core/plugin';
import { askNode } from '../installation/ask-node.js';
import type { OperatingSystem } from '../os/operating-system.js';
import type { NodeAnswer } from '../os/readiness.js';

/** Which installation is looked for, and where. */
export interface WhereaboutsQuestion {
  readonly context: Pick<Context, 'node' | 'service'>;
  readonly system: Pick<OperatingSystem, 'access' | 'whoAnswers'>;
  /** What it is known by. */
  readonly hostKeys: readonly string[];
  /** Addresses where it may be, the likeliest first. */
  readonly places: readonly string[];
  readonly signal: AbortSignal;
}

/** Where an installation answers, and what was answered at each place. */
export interface Whereabouts {
  readonly address: string | undefined;
  readonly answers: ReadonlyMap<string, NodeAnswer>;
}

/** Asks at each address which installation is there: it is told by what it proves, not by what a record says. */
export async function locateNode({
  context,
  system,
  hostKeys,
  places,
  signal,
}: WhereaboutsQuestion): Promise<Whereabouts> {
  const answers = await Promise.all(
    places.map(async (ipAddress) => {
      const node = { ...context.node, ipAddress };
      return [ipAddress, await askNode(system, { context, node, hostKeys, signal })] as const;
    }),
  );
  const found = answers.find(([, { answer }]) => answer === 'expected');
  return { address: found?.[0], answers: new Map(answers) };
}

/**
 * The addresses where a node may be: where its record says, where its configuration says, and others that were tried.
 *
 * @param tried - with or without prefix length
 */
export function placesOf(
  { node }: Pick<Context, 'node'>,
  recorded: string,
  tried: readonly unknown[] = [],
): readonly string[] {
  // Reached by another way, it is reached whatever address it has.
  if (node.config.ssh?.host !== undefined) return [recorded];
  const others = tried.filter((value) => typeof value === 'string').map((value) => value.split('/')[0] ?? '');
  return [...new Set([recorded, node.ipAddress, ...others])];
}
