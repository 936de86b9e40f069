/** One part of what is sent. */
export interface BundleSection {
  readonly title: string;
  /** Printed as it is, in a block of its own. */
  readonly text: string;
}

/** Sections as a page that people read before they send it, and that an issue takes as it is. */
export function renderBundle(sections: readonly BundleSection[]): string {
  const parts = sections.map(({ title, text }) => {
    // A block ends where its own fence is: a longer one than any in the text.
    const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
    const fence = '`'.repeat(longest + 1);
    return `## ${title}\n\n${fence}\n${text.trimEnd()}\n${fence}\n`;
  });
  return [
    '# turingpi support bundle\n',
    'Passwords, keys, hashes and tokens were taken out; addresses, host names and what nodes print were not. Read it before you send it.\n',
    ...parts,
  ].join('\n');
}
