import { Mutex } from '@turingpi/foundation';
import type { PartitionSelector } from '../engine/image-engine.js';
import type { ReadableFileSystem } from '../filesystem/file-system.js';
import type { ReadableImage } from './readable-image.js';
import { type FileSystemAnswers, noAnswers, RememberedFileSystem } from './remembered-file-system.js';

/** What an image answered; JSON-safe. */
export interface ImageAnswers {
  /** Which of the filesystems a selector means, by the selector as JSON. */
  readonly selectors: Readonly<Record<string, number>>;
  readonly fileSystems: readonly FileSystemAnswers[];
}

type OpenImage = () => Promise<ReadableImage>;

/**
 * An image that answers from what it was asked before, and is opened only for a new question.
 *
 * @remarks The answers must be those of the same image, byte for byte: whoever keeps them keeps them by its digest.
 */
export class RememberedImage implements ReadableImage {
  readonly #queue = new Mutex();
  readonly #selectors = new Map<string, number>();
  readonly #fileSystems: { readonly answers: FileSystemAnswers; readonly fileSystem: ReadableFileSystem }[] =
    [];
  readonly #real = new Map<number, ReadableFileSystem>();
  readonly #open: OpenImage;
  #hasLearnt = false;

  /**
   * @param answers - what is known; undefined for nothing
   * @param open - opens the image; called at most once
   */
  constructor(answers: ImageAnswers | undefined, open: OpenImage) {
    let opening: ReturnType<OpenImage> | undefined;
    this.#open = () => (opening ??= open());
    for (const known of structuredClone(answers?.fileSystems ?? [])) this.#add(known);
    for (const [selector, index] of Object.entries(answers?.selectors ?? {}))
      this.#selectors.set(selector, index);
  }

  /** All answers, the new ones too. */
  get answers(): ImageAnswers {
    return {
      selectors: Object.fromEntries(this.#selectors),
      fileSystems: this.#fileSystems.map(({ answers }) => answers),
    };
  }

  /** Whether it was asked something new. */
  get hasLearnt(): boolean {
    return this.#hasLearnt;
  }

  files(selector: PartitionSelector = 'root'): Promise<{ readonly fileSystem: ReadableFileSystem }> {
    return this.#queue.run(async () => {
      const index = this.#selectors.get(JSON.stringify(selector)) ?? (await this.#find(selector));
      const known = this.#fileSystems[index];
      if (known === undefined) throw new Error(`no answers of filesystem ${index}`);
      return known;
    });
  }

  /** Two selectors may mean one partition: then they share one filesystem, as in the image itself. */
  async #find(selector: PartitionSelector): Promise<number> {
    const { fileSystem } = await (await this.#open()).files(selector);
    for (const index of this.#fileSystems.keys())
      if ((await this.#fileSystem(index)) === fileSystem) return this.#learnSelector(selector, index);
    const index = this.#add(noAnswers(fileSystem));
    this.#real.set(index, fileSystem);
    return this.#learnSelector(selector, index);
  }

  #learnSelector(selector: PartitionSelector, index: number): number {
    this.#selectors.set(JSON.stringify(selector), index);
    this.#hasLearnt = true;
    return index;
  }

  #add(answers: FileSystemAnswers): number {
    const index = this.#fileSystems.length;
    const fileSystem = new RememberedFileSystem(
      answers,
      () => this.#fileSystem(index),
      () => {
        this.#hasLearnt = true;
      },
    );
    this.#fileSystems.push({ answers, fileSystem });
    return index;
  }

  /** The real filesystem, found by a selector that is known to mean it. */
  async #fileSystem(index: number): Promise<ReadableFileSystem> {
    const known = this.#real.get(index);
    if (known !== undefined) return known;
    const [selector] = [...this.#selectors].find(([, meant]) => meant === index) ?? [];
    if (selector === undefined) throw new Error(`no selector means filesystem ${index}`);
    const image = await this.#open();
    const { fileSystem } = await image.files(JSON.parse(selector) as PartitionSelector);
    this.#real.set(index, fileSystem);
    return fileSystem;
  }
}
