import { ImageError } from '../image-error.js';

const PLACEHOLDER = /\{\{\s*([\w.-]+)\s*\}\}/g;

/**
 * Replaces every `{{name}}` of a template by its value.
 *
 * @param source - The template's name, for the error.
 * @throws ImageError `IMAGE_TEMPLATE_VALUE` for a name without a value, listing all of them.
 */
export function renderTemplate(
  template: string,
  values: Readonly<Record<string, string | number>>,
  source: string,
): string {
  const unknown = new Set<string>();
  const text = template.replaceAll(PLACEHOLDER, (placeholder, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) unknown.add(name);
    return value === undefined ? placeholder : String(value);
  });
  if (unknown.size === 0) return text;
  const names = [...unknown].join(', ');
  throw new ImageError(
    'IMAGE_TEMPLATE_VALUE',
    `The template ${source} uses names without a value: ${names}.`,
    {
      details: { source, names: [...unknown] },
    },
  );
}
