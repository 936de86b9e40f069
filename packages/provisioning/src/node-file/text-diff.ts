/** Of a longer one the beginning is kept: it goes on record. */
const MOST_CHARACTERS = 16 * 1024;
const CONTEXT_LINES = 2;

/**
 * What differs between two texts, as a unified diff; undefined for what is no text.
 *
 * @param before - undefined where there is no file yet
 */
export async function textDiff(
  path: string,
  before: Buffer | undefined,
  after: Buffer,
): Promise<string | undefined> {
  if (isBinary(after) || (before !== undefined && isBinary(before))) return undefined;
  const { createTwoFilesPatch } = await import('diff'); // a run that changes nothing does without it
  const old = before === undefined ? '/dev/null' : path;
  const patch = createTwoFilesPatch(
    old,
    path,
    before?.toString('utf8') ?? '',
    after.toString('utf8'),
    '',
    '',
    {
      context: CONTEXT_LINES,
    },
  );
  // Of its own head only the names of the files, without the tab that dates would stand behind.
  const lines = patch.split('\n');
  const head = lines.findIndex((line) => line.startsWith('--- '));
  const text = lines
    .slice(head)
    .map((line, at) => (at < 2 ? line.trimEnd() : line))
    .join('\n');
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}\n… (it goes on)`;
}

function isBinary(content: Buffer): boolean {
  return content.includes(0);
}
