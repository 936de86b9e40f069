import type { Liquid } from 'liquidjs';
import { ProvisioningError } from '../provisioning-error.js';

/** What a template's names stand for: JSON. */
export type TemplateValues = Readonly<Record<string, unknown>>;

let engine: Promise<Liquid> | undefined;

/** The engine, loaded with the first template: most runs have none. */
function engineOf(): Promise<Liquid> {
  // Nothing of this computer's files can be included, and a name without a value is an error everywhere but where it is
  // asked whether there is one.
  const strict = { strictVariables: true, strictFilters: true, lenientIf: true, ownPropertyOnly: true };
  engine ??= import('liquidjs').then((liquid) => new liquid.Liquid({ ...strict, templates: {} }));
  return engine;
}

/**
 * Fills in a template of the Liquid language: `{{ name }}`, `{% for … %}`, `{% if … %}`.
 *
 * @param source - its name, for messages
 * @throws ProvisioningError `TEMPLATE_INVALID` naming line and reason: a syntax error, or a name without a value.
 */
export async function renderTemplate(
  template: string,
  values: TemplateValues,
  source: string,
): Promise<string> {
  const liquid = await engineOf();
  try {
    return liquid.parseAndRenderSync(template, values) as string;
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new ProvisioningError('TEMPLATE_INVALID', `the template ${source}: ${reason}`, {
      cause,
      hint: 'Names come from `values` and `node`; `{{ name | default: "x" }}` says what stands for a missing one.',
    });
  }
}
