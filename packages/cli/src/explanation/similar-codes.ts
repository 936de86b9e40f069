import leven from 'leven';

/** How many are named. */
const MOST = 5;

/**
 * The codes that somebody may have meant: those that the text is a part of, else those that are nearly written so.
 *
 * @param text - in upper case
 */
export function similarCodes(text: string, codes: readonly string[]): readonly string[] {
  const around = text.length < 3 ? [] : codes.filter((code) => code.includes(text));
  if (around.length > 0) return around.slice(0, MOST);
  return codes
    .map((code) => ({ code, distance: leven(code, text) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(text.length / 4)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST)
    .map(({ code }) => code);
}
