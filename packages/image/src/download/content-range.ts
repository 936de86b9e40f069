/** What an answer to a range request holds (RFC 9110 §14.4), in bytes. */
export interface ContentRange {
  /** Undefined in an answer that has nothing (416). */
  readonly start: number | undefined;
  /** Length of the whole file, when the server tells it. */
  readonly total: number | undefined;
}

const FORM = /^bytes (?:(?<start>\d+)-(?<end>\d+)|\*)\/(?:(?<total>\d+)|\*)$/i;

/** Reads a `Content-Range` header; undefined for one that is missing or makes no sense. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const groups = FORM.exec(header?.trim() ?? '')?.groups;
  if (groups === undefined) return undefined;
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const [start, end, total] = [number(groups['start']), number(groups['end']), number(groups['total'])];
  if ([start, end, total].some((value) => value !== undefined && !Number.isSafeInteger(value)))
    return undefined;
  if (start !== undefined && end !== undefined && (end < start || end >= (total ?? Infinity)))
    return undefined;
  return { start, total };
}
