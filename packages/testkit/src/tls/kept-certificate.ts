import {
  type BoardCertificate,
  createBoardCertificate,
  keepBoardCertificate,
  loadBoardCertificate,
} from './board-certificate.js';

/** The certificate of a board, which it may replace while it runs. */
export class KeptCertificate {
  #current: BoardCertificate;

  private constructor(
    private readonly dir: string,
    private readonly modulusLength: number | undefined,
    current: BoardCertificate,
  ) {
    this.#current = current;
  }

  /** Takes the one kept in `dir`, or makes one. */
  static async open(dir: string, modulusLength: number | undefined): Promise<KeptCertificate> {
    return new KeptCertificate(dir, modulusLength, await loadBoardCertificate(dir, modulusLength));
  }

  get current(): BoardCertificate {
    return this.#current;
  }

  /** Makes a new one, with a new key. */
  async reissue(): Promise<BoardCertificate> {
    const made = await createBoardCertificate(this.modulusLength);
    await keepBoardCertificate(this.dir, made);
    return (this.#current = made);
  }
}
