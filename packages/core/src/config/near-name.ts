import leven from 'leven';

/** What may be meant by a word that names nothing: at most so many letters are wrong in it. */
const SHARE_OF_LETTERS = 3;
/** Of fewer letters, too many words begin with it. */
const LEAST_LETTERS = 3;

/**
 * The name that is meant by a misspelt one, if one is near: a few letters differ, two are exchanged, it is cut short, or
 * something follows it. Capital and small letters are the same.
 */
export function nearName(word: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, distance: distanceOf(name.toLowerCase(), word.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(word.length / SHARE_OF_LETTERS)))
    .sort((a, b) => a.distance - b.distance);
  return best?.name ?? beginningOf(word, names);
}

/** The longest name that a word begins with. */
function beginningOf(word: string, names: readonly string[]): string | undefined {
  const [longest] = names
    .filter((name) => name.length >= LEAST_LETTERS && word.toLowerCase().startsWith(name.toLowerCase()))
    .sort((a, b) => b.length - a.length);
  return longest;
}

/** The question that follows a word which names nothing; empty where no name is near. */
export function didYouMean(word: string, names: readonly string[]): string {
  const near = nearName(word, names);
  return near === undefined ? '' : `${MEANT} \`${near}\`?`;
}

const MEANT = ', did you mean';

function distanceOf(name: string, word: string): number {
  // `mac` for `macAddress`; of one or two letters too many names are the beginning.
  if (word.length > 2 && name.startsWith(word)) return 1;
  return isExchanged(name, word) ? 1 : leven(name, word);
}

/** Whether the one is the other with two neighbours exchanged: one slip of the hand, which counts as two edits otherwise. */
function isExchanged(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return (
    at + 1 < one.length &&
    one[at] === other[at + 1] &&
    one[at + 1] === other[at] &&
    one.slice(at + 2) === other.slice(at + 2)
  );
}
