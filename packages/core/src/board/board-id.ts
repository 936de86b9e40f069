/** Who a board is, as far as it tells. At least one of the three is there. */
export interface BoardId {
  /** Serial number, where the firmware tells one. */
  readonly serial?: string | undefined;
  /** MAC address of the controller, lower case with colons. */
  readonly mac?: string | undefined;
  /** Digest of its TLS public key, `sha256:` and hex. */
  readonly key?: string | undefined;
}

/** The one name of a board: its serial number, else its MAC address, else its key. */
export function boardIdOf({ serial, mac, key }: BoardId): string | undefined {
  if (serial !== undefined) return `serial:${serial}`;
  if (mac !== undefined) return `mac:${mac}`;
  return key === undefined ? undefined : `key:${key}`;
}

/**
 * Whether two descriptions are of one board: by the strongest fact that both have. A key alone may have been issued
 * anew; it counts only where nothing else is known.
 *
 * @returns Undefined when they have no fact in common.
 */
export function isSameBoard(one: BoardId, other: BoardId): boolean | undefined {
  for (const fact of ['serial', 'mac', 'key'] as const)
    if (one[fact] !== undefined && other[fact] !== undefined) return one[fact] === other[fact];
  return undefined;
}
