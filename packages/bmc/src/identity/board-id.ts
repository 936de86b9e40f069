/**
 * Which board it is, whatever its address and certificate.
 *
 * @remarks Firmware of the fork makes a new key whenever the board gains a name or an address, so a key names a board
 * only where it tells neither a serial number nor a MAC address (docs/reference/bmc-protocol.md, "Fork: identity" and
 * "Fork: certificate").
 */
export interface BoardId {
  /** The best of what follows, as one word: `serial:…`, `mac:aa:bb:…` or `key:sha256:…`. */
  readonly id: string;
  /** Of the board's EEPROM; only the fork's firmware tells it. */
  readonly serial?: string;
  /** Of the BMC, lower case with colons. */
  readonly mac?: string;
  /** Of the certificate that it presented, `sha256:` and 64 hex digits. */
  readonly publicKeyPin: string;
}

/** What a board tells about itself; texts as they come. */
export interface BoardFacts {
  readonly serial?: string | undefined;
  readonly mac?: string | undefined;
}

/** The identity that follows from what a board tells and presents. */
export function boardIdOf(facts: BoardFacts, publicKeyPin: string): BoardId {
  const serial = usableSerial(facts.serial);
  const mac = facts.mac === undefined ? undefined : normalizeMac(facts.mac);
  return {
    id: serial !== undefined ? `serial:${serial}` : mac !== undefined ? `mac:${mac}` : `key:${publicKeyPin}`,
    ...(serial === undefined ? {} : { serial }),
    ...(mac === undefined ? {} : { mac }),
    publicKeyPin,
  };
}

/**
 * Whether two identities are of one board: the best thing that both tell decides.
 *
 * @remarks Not their `id`s: those of one board differ when newer firmware tells more than the old one did. The key comes
 * last, since a restored backup gives one board the key of another.
 */
export function isSameBoard(one: Omit<BoardId, 'id'>, other: Omit<BoardId, 'id'>): boolean {
  if (one.serial !== undefined && other.serial !== undefined) return one.serial === other.serial;
  if (one.mac !== undefined && other.mac !== undefined) return one.mac === other.mac;
  return one.publicKeyPin === other.publicKeyPin;
}

/** A MAC address in lower case with colons; undefined for what is none, or none of a device. */
export function normalizeMac(text: string): string | undefined {
  const mac = text.trim().toLowerCase().replaceAll('-', ':');
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) return undefined;
  const isGroupAddress = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  return mac === '00:00:00:00:00:00' || isGroupAddress ? undefined : mac;
}

/** An EEPROM that was never written reads as one character repeated. */
function usableSerial(text: string | undefined): string | undefined {
  const serial = text?.trim();
  if (serial === undefined || serial === '' || !/^[\w.:/-]{4,64}$/.test(serial)) return undefined;
  return /^(.)\1*$/.test(serial) ? undefined : serial;
}
