import type { ComponentChildren } from 'preact';

interface EngineLinkProps {
  /** An address of the engine's own page; missing where it has none. */
  readonly page: string | undefined;
  readonly children: ComponentChildren;
}

/** Leads to the engine's own page, in another tab; where there is none, the words alone. */
export function EngineLink({ page, children }: EngineLinkProps) {
  // Only what a browser opens as a page: whatever else an address may be is none.
  if (page === undefined || !/^https?:\/\//.test(page)) return <>{children}</>;
  return (
    <a href={page} target="_blank" rel="noreferrer noopener">
      {children}
      <span class="unseen"> (on the engine’s own page, in another tab)</span>
    </a>
  );
}
