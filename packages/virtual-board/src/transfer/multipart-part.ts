/** A body that is not a form the daemon can read. */
export class MalformedFormError extends Error {}

/** Gives the next bytes of a request body, undefined at its end. */
export type ReadBody = () => Promise<Buffer | undefined>;

const MOST_HEADER_BYTES = 64 * 1024;

/**
 * The first part of a multipart body, streamed; what follows it is never looked at
 * (docs/reference/bmc-protocol.md, "Upload").
 *
 * @remarks Before the first boundary line other lines are skipped. A boundary that is not alone on its line is therefore
 * not found, and the whole body is read in the search for it.
 */
export class MultipartPart {
  readonly #boundary: string;
  readonly #needsName: boolean;
  #held: Buffer = Buffer.alloc(0);
  #bodyEnded = false;
  #partEnded = false;

  /** @throws MalformedFormError when the content type is not multipart with a boundary. */
  constructor(
    contentType: string | undefined,
    private readonly readBody: ReadBody,
  ) {
    const type = /^\s*multipart\/([\w.+-]+)\s*;/i.exec(contentType ?? '');
    const boundary = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType ?? '');
    const value = boundary?.[1] ?? boundary?.[2];
    if (!type || value === undefined) throw new MalformedFormError('no multipart boundary');
    this.#boundary = value;
    this.#needsName = type[1]?.toLowerCase() === 'form-data';
  }

  /** Reads up to the part's content. @throws MalformedFormError */
  async open(): Promise<void> {
    await this.#skipToBoundary();
    const headers = await this.#readHeaders();
    if (!this.#needsName) return;
    const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(headers)?.[1];
    if (disposition === undefined || !/(?:^|;)\s*name\s*=/i.test(disposition))
      throw new MalformedFormError('part without a name');
  }

  /** The next bytes of the part, undefined at its end. @throws MalformedFormError when the body ends before it. */
  async read(): Promise<Buffer | undefined> {
    if (this.#partEnded) return undefined;
    const delimiter = `\r\n--${this.#boundary}`;
    for (;;) {
      const at = this.#held.indexOf(delimiter);
      if (at >= 0) {
        const rest = this.#take(at);
        this.#partEnded = true;
        return rest.length > 0 ? rest : undefined;
      }
      const certain = withoutBeginning(this.#held, delimiter.length);
      if (certain > 0) return this.#take(certain);
      if (!(await this.#more())) throw new MalformedFormError('body ended inside the part');
    }
  }

  async #skipToBoundary(): Promise<void> {
    const wanted = Buffer.from(`--${this.#boundary}`);
    let tooLong = false;
    for (;;) {
      const end = this.#held.indexOf(0x0a);
      if (end >= 0) {
        const line = this.#take(end + 1);
        if (!tooLong && line.subarray(0, -2).equals(wanted)) return;
        tooLong = false;
        continue;
      }
      if (this.#held.length > wanted.length + 2) {
        tooLong = true; // cannot be the boundary: only its end is of interest
        this.#take(this.#held.length);
      }
      if (!(await this.#more())) throw new MalformedFormError('no boundary');
    }
  }

  async #readHeaders(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf('\r\n\r\n');
      if (end >= 0) {
        const headers = this.#take(end).toString('latin1');
        this.#take(4);
        return headers;
      }
      if (this.#held.length > MOST_HEADER_BYTES) throw new MalformedFormError('part headers too long');
      if (!(await this.#more())) throw new MalformedFormError('no part headers');
    }
  }

  #take(length: number): Buffer {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }

  async #more(): Promise<boolean> {
    if (this.#bodyEnded) return false;
    const chunk = await this.readBody();
    if (!chunk) {
      this.#bodyEnded = true;
      return false;
    }
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return true;
  }
}

/** How many bytes are before what may be the beginning of a delimiter, which starts with CR LF. */
function withoutBeginning(held: Buffer, delimiterLength: number): number {
  const at = held.indexOf(0x0d, Math.max(0, held.length - (delimiterLength - 1)));
  return at < 0 ? held.length : at;
}
