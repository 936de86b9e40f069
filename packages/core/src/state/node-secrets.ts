import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { NodeName } from '@turingpi/foundation';
import type { JsonValue } from '../phase/phase.js';
import {
  DIGEST_KEY_BYTES,
  NODE_SECRETS_VERSION,
  type NodeSecrets,
  parseNodeSecrets,
  type SecretsDocument,
} from './parse-node-secrets.js';
import type { SharedText } from './shared-text.js';

/** The installation that a node has, and the one that is being prepared. */
const KEPT_GENERATIONS = 2;
const EMPTY_NODE: NodeSecrets = { written: 0, installed: 0, generations: {} };

/** How far the installations of a node have come. */
export interface GenerationMarks {
  /** The newest generation that was, or may have been, written to the node; 0 when none was. */
  readonly written: number;
  /** The newest generation whose installation was completed; 0 when none was. */
  readonly installed: number;
}

export interface NodeSecretsOptions {
  /** A file with a digest key of an earlier version of this program, which is taken over. */
  readonly earlierKeyFile?: string;
  /** Nothing is written: what is made is gone with the process. */
  readonly unwritten?: boolean;
}

/**
 * The secrets that were made for nodes, by generation of their installation (docs/phases.md, "The state file"): the state
 * itself holds none. Equal images come from equal secrets, so they are made once and kept.
 *
 * @remarks All methods throw StateError `NODE_SECRETS_UNREADABLE` for secrets that are damaged or somebody else's. They are
 * neither overwritten nor moved: what is there may be the only copy. The two newest generations of each node are kept.
 */
export class NodeSecretsStore {
  #known: SecretsDocument | undefined;
  /** With what would be written. */
  #unwritten: SecretsDocument | undefined;
  /** Changes of this process, one after the other: what else protects the text is for other processes. */
  #tail: Promise<unknown> = Promise.resolve();

  /** @param text - where they are, as one text */
  constructor(
    private readonly text: SharedText,
    private readonly options: NodeSecretsOptions = {},
  ) {}

  get location(): string {
    return this.text.location;
  }

  /**
   * The secrets of a node in one generation.
   *
   * @param make - makes them, at the first use; of two processes that make them at once, both get one's
   */
  async secretsOf<T extends JsonValue>(
    node: NodeName,
    generation: number,
    make: () => Promise<T>,
  ): Promise<T> {
    const key = String(generation);
    const find = (document: SecretsDocument | undefined): T | undefined =>
      document?.nodes[node]?.generations[key] as T | undefined;
    const known = find(this.#known) ?? find(await this.#read());
    if (known !== undefined) return known;
    const made = await make(); // not under the lock: it may take longer than others wait
    const document = await this.#change((current) => {
      if (find(current) !== undefined) return undefined;
      const before = current.nodes[node] ?? EMPTY_NODE;
      const generations = Object.entries({
        ...before.generations,
        [key]: made as NodeSecrets['generations'][string],
      })
        .sort(([a], [b]) => Number(b) - Number(a))
        .filter(([name], index) => index < KEPT_GENERATIONS || name === key);
      return withNode(current, node, { ...before, generations: Object.fromEntries(generations) });
    });
    return find(document) ?? made;
  }

  /** How far the installations of a node have come, as far as is known here. */
  async marksOf(node: NodeName): Promise<GenerationMarks> {
    const { written, installed } = (await this.#read())?.nodes[node] ?? EMPTY_NODE;
    return { written, installed };
  }

  /** Everything in the file, for a copy of it; undefined when there is none. */
  document(): Promise<SecretsDocument | undefined> {
    return this.#read();
  }

  /** Replaces everything in the file by what is in a copy of one. Marks never go down. */
  async restore(document: SecretsDocument): Promise<void> {
    await this.#change((current) => {
      const names = [...new Set([...Object.keys(current.nodes), ...Object.keys(document.nodes)])];
      const nodes = names.map((node) => {
        const [here, there] = [current.nodes[node] ?? EMPTY_NODE, document.nodes[node] ?? EMPTY_NODE];
        const written = Math.max(here.written, there.written);
        const installed = Math.max(here.installed, there.installed);
        return [node, { ...there, written, installed }] as const;
      });
      return { ...document, nodes: Object.fromEntries(nodes) };
    });
  }

  /** Raises the marks of a node; they never go down. */
  async mark(node: NodeName, marks: Partial<GenerationMarks>): Promise<void> {
    await this.#change((current) => {
      const before = current.nodes[node] ?? EMPTY_NODE;
      const written = Math.max(before.written, marks.written ?? 0, marks.installed ?? 0);
      const installed = Math.max(before.installed, marks.installed ?? 0);
      if (written === before.written && installed === before.installed) return undefined;
      return withNode(current, node, { ...before, written, installed });
    });
  }

  /** The random key for digests of what is secret and easy to guess; made at the first use. */
  async digestKey(): Promise<Buffer> {
    const { digestKey } = this.#known ?? (await this.#read()) ?? (await this.#change((current) => current));
    return Buffer.from(digestKey, 'base64');
  }

  async #read(): Promise<SecretsDocument | undefined> {
    if (this.#unwritten !== undefined) return this.#unwritten;
    this.#known = this.#parsed(await this.text.read());
    return this.#known;
  }

  #parsed(text: string | undefined): SecretsDocument | undefined {
    return text === undefined ? undefined : parseNodeSecrets(text, this.location);
  }

  /** @param change - the next content; undefined leaves the one that is there */
  #change(change: (current: SecretsDocument) => SecretsDocument | undefined): Promise<SecretsDocument> {
    const work = async (): Promise<SecretsDocument> => {
      const empty = await this.#newDocument();
      if (this.options.unwritten === true) {
        const known = (await this.#read()) ?? empty;
        this.#unwritten = change(known) ?? known;
        return this.#unwritten;
      }
      let document = empty;
      const text = await this.text.update((found) => {
        const current = this.#parsed(found) ?? empty;
        const next = change(current);
        document = next ?? current;
        return next && `${JSON.stringify(next, null, 2)}\n`;
      });
      if (text !== undefined) this.#known = document; // else nobody else knows it
      return document;
    };
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #newDocument(): Promise<SecretsDocument> {
    const { earlierKeyFile } = this.options;
    const earlier = earlierKeyFile === undefined ? undefined : await readEarlierKey(earlierKeyFile);
    const digestKey = (earlier ?? randomBytes(DIGEST_KEY_BYTES)).toString('base64');
    return { version: NODE_SECRETS_VERSION, digestKey, nodes: {} };
  }
}

function withNode(document: SecretsDocument, node: NodeName, secrets: NodeSecrets): SecretsDocument {
  return { ...document, nodes: { ...document.nodes, [node]: secrets } };
}

/** A damaged key of an earlier version counts as none. */
async function readEarlierKey(file: string): Promise<Buffer | undefined> {
  const key = await readFile(file).catch(() => undefined);
  return key?.length === DIGEST_KEY_BYTES ? key : undefined;
}
