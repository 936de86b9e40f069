import { type BoardCertificate, keepBoardCertificate, loadBoardCertificate } from './board-certificate.js';

/** The certificate of a board, which it may replace while it runs. */
export class KeptCertificate {
  #current: BoardCertificate;

  private constructor(
    private readonly dir: string,
    private readonly make: () => Promise<BoardCertificate>,
    current: BoardCertificate,
  ) {
    this.#current = current;
  }

  /** Takes the one kept in `dir`, or makes one. */
  static async open(dir: string, make: () => Promise<BoardCertificate>): Promise<KeptCertificate> {
    return new KeptCertificate(dir, make, await loadBoardCertificate(dir, make));
  }

  get current(): BoardCertificate {
    return this.#current;
  }

  /** Makes a new one, with a new key. */
  async reissue(): Promise<BoardCertificate> {
    return await this.install(await this.make());
  }

  /** Takes one that was made elsewhere. */
  async install(made: BoardCertificate): Promise<BoardCertificate> {
    await keepBoardCertificate(this.dir, made);
    return (this.#current = made);
  }
}
