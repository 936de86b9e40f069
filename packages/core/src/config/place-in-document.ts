import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Pair } from 'yaml';

/** Where in a document a key is written. */
export interface PlaceInDocument {
  /** In the text, counted from zero. */
  readonly offset: number;
  /** Undefined when the key is missing: the place is then the innermost key around it. */
  readonly value: unknown;
}

/** Finds a key through aliases and merge keys; undefined in a document where not even the first one is. */
export function placeInDocument(
  document: Document.Parsed,
  keys: readonly PropertyKey[],
): PlaceInDocument | undefined {
  let offset: number | undefined;
  let current: unknown = document.contents;
  const around = (): PlaceInDocument | undefined =>
    offset === undefined ? undefined : { offset, value: undefined };
  for (const key of keys) {
    current = target(document, current);
    let place: unknown;
    if (isMap(current)) {
      const pair = pairOf(document, current.items, String(key));
      place = pair?.key;
      current = pair?.value;
    } else if (isSeq(current)) {
      place = current.items[Number(key)];
      current = place;
    } else return around();
    if (!isNode(place)) return around();
    offset = place.range?.[0] ?? offset;
  }
  return offset === undefined ? undefined : { offset, value: target(document, current) };
}

function target(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** What a map says itself comes before what it merges (`<<: *defaults`), and earlier sources before later ones. */
function pairOf(document: Document.Parsed, pairs: readonly Pair[], key: string): Pair | undefined {
  // YAML's keys are nodes of any type; ours are plain scalars.
  const own = pairs.find((pair) => String(pair.key) === key);
  if (own) return own;
  for (const merge of pairs.filter((pair) => isScalar(pair.key) && pair.key.source === '<<')) {
    const value = target(document, merge.value);
    for (const source of isSeq(value) ? value.items : [value]) {
      const map = target(document, source);
      const found = isMap(map) ? pairOf(document, map.items, key) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}
