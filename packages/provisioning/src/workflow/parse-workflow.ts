import {
  type ConfigIssue,
  describeIssues,
  IN_PLAIN_WORDS,
  maybeOf,
  salvageInput,
} from '@turingpi/core/plugin';
import type { PostInstallAction } from '../action/post-install-action.js';
import { type DeclarativeWorkflow, declarativeWorkflowSchema } from './declarative-schema.js';
import { explainStep } from './explain-step.js';

/** What the `workflow` section says, with everything that is wrong in it. */
export interface ParsedWorkflow {
  /** With errors, for finding further ones only: what is wrong is missing or a default. */
  readonly workflow: DeclarativeWorkflow;
  /** Paths start in the configuration. */
  readonly issues: readonly ConfigIssue[];
}

/**
 * @param actions - what the loaded plugins can do after the installation; undefined when they could not be loaded
 * @param unusable - plugins of which something cannot be used: an unknown step may be theirs
 */
export function parseWorkflow(
  section: unknown,
  actions: readonly PostInstallAction[] | undefined,
  unusable: Parameters<typeof maybeOf>[0] = [],
): ParsedWorkflow {
  const schema = declarativeWorkflowSchema(actions);
  const parsed = schema.safeParse(section ?? {}, IN_PLAIN_WORDS);
  if (parsed.success) return { workflow: parsed.data, issues: [] };
  const { issues } = parsed.error;
  // A schema of several steps only says that none of them fits: each wrong step is told by its own action.
  const steps = new Map(
    issues
      .map(({ path }) => stepPathIn(path))
      .flatMap((path) => (path ? [[JSON.stringify(path), path]] : [])),
  );
  const others = issues.filter(({ path }) => stepPathIn(path) === undefined);
  const maybe = (issue: ConfigIssue) => maybeOf(unusable, issue);
  const told = [
    ...describeIssues(others, schema),
    ...[...steps.values()].flatMap((path) =>
      explainStep(valueAt(section, path), actions ?? [], maybe).map((issue) => ({
        ...issue,
        path: [...path, ...issue.path],
      })),
    ),
  ];
  return {
    workflow: salvageInput(schema, section) as DeclarativeWorkflow,
    issues: told.map((issue) => ({ ...issue, path: ['workflow', ...issue.path] })),
  };
}

/** The path of the step that a path leads into. */
function stepPathIn(path: readonly PropertyKey[]): readonly PropertyKey[] | undefined {
  const at = path[0] === 'nodes' ? 2 : 0;
  const list = path[at] === 'hooks' ? at + 1 : at;
  const isList = path[at] === 'postInstall' || path[at] === 'hooks';
  return isList && path.length > list + 1 ? path.slice(0, list + 2) : undefined;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}
