import { NODE_IDS } from '@turingpi/foundation';
import { z } from 'zod';
import { PlanError } from '../errors/plan-error.js';
import { PHASES } from '../phase/phase.js';
import { type ClusterPlan, digestOfPlan, PLAN_VERSION } from './cluster-plan.js';

const change = z.object({
  ...{ name: z.string(), before: z.string(), after: z.string() },
  takesEffect: z.enum(['in place', 'by a reinstallation']).optional(),
  note: z.string().optional(),
});
const phase = z.object({
  phase: z.enum(PHASES),
  decision: z.enum(['run', 'skip', 'blocked', 'unknown']),
  reason: z.string().optional(),
  note: z.string().optional(),
  changes: z.array(change),
  takesEffect: z.string().optional(),
  inputHashes: z.array(z.string()),
  unknown: z.array(z.string()),
  erases: z
    .object({
      disk: z.string(),
      evidence: z.enum(['new', 'interrupted', 'installed', 'unknown']),
      loss: z.string(),
      installation: z.string().optional(),
    })
    .optional(),
  power: z.boolean(),
  actions: z
    .object({
      kept: z.int().nonnegative(),
      from: z.int().nonnegative().optional(),
      run: z.array(z.string()).optional(),
      again: z.array(z.string()),
      asks: z.array(z.string()).optional(),
      digest: z.string().optional(),
    })
    .optional(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
  estimateMs: z.number().nonnegative().optional(),
});
const stage = z.enum(['image', 'install', 'post']);
const nodeId = z.literal(NODE_IDS);
const plan = z.object({
  version: z.literal(PLAN_VERSION),
  at: z.string(),
  board: z.string().optional(),
  reinstall: z.array(nodeId),
  limits: z.object({ from: stage.optional(), until: stage.optional() }).optional(),
  nodes: z.array(
    z.object({ nodeId, hostname: z.string(), phases: z.array(phase), hooks: z.array(z.string()) }),
  ),
  changes: z.boolean(),
  digest: z.string(),
});

/**
 * Reads a plan that was written as JSON.
 *
 * @param source - where it comes from, for messages
 * @throws PlanError `PLAN_UNREADABLE` for what is no plan, is one of another version, or was changed since.
 */
export function parsePlan(text: string, source: string): ClusterPlan {
  const unreadable = (why: string, cause?: unknown) =>
    new PlanError('PLAN_UNREADABLE', `${source} is no plan that can be used: ${why}`, {
      hint: 'Make a new one with `turingpi plan -o FILE`.',
      ...(cause === undefined ? {} : { cause }),
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable('it is no JSON', cause);
  }
  const { version } = (value ?? {}) as { readonly version?: unknown };
  if (typeof version === 'number' && version !== PLAN_VERSION)
    throw unreadable(`its version is ${version}, this program knows ${PLAN_VERSION}`);
  const parsed = plan.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(), parsed.error);
  }
  const read = parsed.data as ClusterPlan;
  if (digestOfPlan(read) !== read.digest) throw unreadable('it was changed after it was made');
  return read;
}
