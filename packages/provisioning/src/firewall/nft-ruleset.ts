import { z } from 'zod';

const chainSchema = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  hook: z.string().optional(),
  policy: z.string().optional(),
});
const ruleSchema = z.object({
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  expr: z.array(z.record(z.string(), z.unknown())),
});
const rulesetSchema = z.object({
  nftables: z.array(z.object({ chain: chainSchema.optional(), rule: ruleSchema.optional() })),
});
const targetSchema = z.object({ target: z.string() });

/** What `nft -j list ruleset` prints, as far as it matters here. */
export type NftRuleset = z.infer<typeof rulesetSchema>;
type Rule = z.infer<typeof ruleSchema>;

/** Statements that a packet passes whatever it is. */
const PASSED = new Set(['counter', 'log', 'drop', 'reject', 'jump', 'goto']);

/** @returns Undefined for what is no ruleset, or one of a kind that is not known here. */
export function parseNftRuleset(text: string): NftRuleset | undefined {
  try {
    return rulesetSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Finds the chain for incoming connections that turns away what no rule of it has let in.
 *
 * @returns Its family, table and name; undefined when there is none.
 */
export function closedChain({ nftables }: NftRuleset): string | undefined {
  const chains = nftables.flatMap(({ chain }) => chain ?? []);
  const rules = nftables.flatMap(({ rule }) => rule ?? []);
  const closes = (family: string, table: string, chain: string, seen: ReadonlySet<string>): boolean =>
    !seen.has(chain) &&
    rules
      .filter((rule) => rule.family === family && rule.table === table && rule.chain === chain)
      .filter(isForAll)
      .some(
        ({ expr }) =>
          expr.some((statement) => 'drop' in statement || 'reject' in statement) ||
          targetsOf(expr).some((target) => closes(family, table, target, new Set([...seen, chain]))),
      );
  const found = chains.find(
    ({ family, table, name, hook, policy }) =>
      hook === 'input' && family !== 'ip6' && (policy === 'drop' || closes(family, table, name, new Set())),
  );
  return found && `${found.family} ${found.table} ${found.name}`;
}

/** A rule with a condition says nothing of what comes from a node. */
function isForAll({ expr }: Rule): boolean {
  return expr.every((statement) => Object.keys(statement).every((name) => PASSED.has(name)));
}

function targetsOf(expr: Rule['expr']): readonly string[] {
  return expr.flatMap(({ jump, goto }) => {
    const parsed = targetSchema.safeParse(jump ?? goto);
    return parsed.success ? [parsed.data.target] : [];
  });
}
