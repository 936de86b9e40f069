const DOCS = 'https://github.com/turingpi-toolkit/turingpi/blob/main/docs';

/**
 * The address of a page of the documentation, for hints: who reads them has the packages, and not this repository.
 *
 * @param page - its name in `docs`, without the ending
 */
export function docsPage(page: string): string {
  return `${DOCS}/${page}.md`;
}
