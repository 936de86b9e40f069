/**
 * A parser that remembers its last text: a file that several processes change is read again and again, and most often the
 * same is in it.
 *
 * @returns A copy at each call: who changes what it got changes nothing for the next one.
 */
export function rememberedParse<T>(parse: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly value: T } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, value: parse(text) };
    return structuredClone(last.value);
  };
}
