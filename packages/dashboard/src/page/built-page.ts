import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DashboardError } from '../dashboard-error.js';

/** The page as it was built: one script and one style, and nothing else. */
export interface BuiltPage {
  readonly script: string;
  readonly style: string;
}

/** Beside the compiled sources, from there and from the sources alike. */
const FOLDER = fileURLToPath(new URL('../../dist/built-page/', import.meta.url));

/** Whether the page was built: in a clone of the repository that is a step of its own, `npm run build:page`. */
export function pageIsBuilt(): boolean {
  return existsSync(path.join(FOLDER, 'page.js'));
}

/**
 * Reads the built page.
 *
 * @throws DashboardError `DASHBOARD_PAGE_MISSING` - in a clone in which it was not built
 */
export async function readBuiltPage(): Promise<BuiltPage> {
  const read = (name: string) => readFile(path.join(FOLDER, name), 'utf8');
  try {
    const [script, style] = await Promise.all([read('page.js'), read('page.css')]);
    return { script, style };
  } catch (cause) {
    throw new DashboardError('DASHBOARD_PAGE_MISSING', `The page is not built: ${FOLDER} has no page.`, {
      hint: 'In a clone of the repository run `npm run build:page`; an installed package has it.',
      cause,
    });
  }
}
