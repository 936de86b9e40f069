export interface PageParts {
  /** Of the document, as text. */
  readonly title: string;
  /** Elements of the head, as HTML. */
  readonly head: readonly string[];
  /** Elements behind the place of the page, as HTML. */
  readonly body: readonly string[];
}

/** The document that the page is drawn in. */
export function pageHtml({ title, head, body }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${head.join('\n')}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="page"><noscript>This page needs its own script, which is all it runs: allow scripts for it.</noscript></div>
${body.join('\n')}
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text that is only a text, also in an attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
}
