/** Whether a word is among bytes: as it is, or in base64 at any place. */
export function holdsWord(bytes: Uint8Array, word: string): boolean {
  const inBase64 = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(word)]).toString('base64');
    return text.slice(4, -4); // what does not depend on its neighbours
  });
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return [word, ...inBase64].some((each) => all.includes(each));
}
