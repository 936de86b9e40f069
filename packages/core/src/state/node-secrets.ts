import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_STATE_FILE_NAME } from '../config/default-state-file-name.js';
import { StateError } from '../errors/state-error.js';
import { TuringPiError, type NodeName } from '@turingpi/foundation';

import type { JsonValue } from '../phase/phase.js';
import { DurableJsonFile } from './durable-json-file.js';
import { FileLock } from './file-lock.js';
import {
  assertOwnSecrets,
  DIGEST_KEY_BYTES,
  NODE_SECRETS_VERSION,
  type NodeSecrets,
  parseNodeSecrets,
  type SecretsDocument,
  secretsUnreadable,
} from './parse-node-secrets.js';

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
 * Where the secrets of a state file's nodes are: `node-secrets.json` beside the default one, a name of its own beside
 * any other.
 */
export function nodeSecretsFileOf(stateFile: string): string {
  const { dir, name, base } = path.parse(stateFile);
  if (base === DEFAULT_STATE_FILE_NAME) return path.join(dir, 'node-secrets.json');
  return path.join(dir, `${base.endsWith('.json') ? name : base}.node-secrets.json`);
}

/**
 * The secrets that were made for nodes, by generation of their installation (docs/phases.md, "The state file"), in a
 * file of mode 0600: the state file itself holds none. Equal images come from equal secrets, so they are made once and
 * kept.
 *
 * @remarks All methods throw StateError `NODE_SECRETS_UNREADABLE` for a file that is damaged or somebody else's. It is
 * neither overwritten nor moved: what is in it may be the only copy. The two newest generations of each node are kept.
 */
export class NodeSecretsStore {
  readonly #file: DurableJsonFile<SecretsDocument>;
  #known: SecretsDocument | undefined;
  /** With what would be written. */
  #unwritten: SecretsDocument | undefined;
  /** Changes of this process, one after the other: the file lock is only for other processes. */
  #tail: Promise<unknown> = Promise.resolve();

  /** @param location - the file; its directory must exist */
  constructor(
    readonly location: string,
    private readonly options: NodeSecretsOptions = {},
  ) {
    this.#file = new DurableJsonFile(location, (text) => parseNodeSecrets(text, location));
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
    try {
      await assertOwnSecrets(this.location);
      this.#known = (await this.#file.read()) ?? undefined;
      return this.#known;
    } catch (cause) {
      if (TuringPiError.is(cause)) throw cause;
      throw secretsUnreadable(this.location, 'cannot be read', cause);
    }
  }

  /** @param change - the next content; undefined leaves the one on file */
  #change(change: (current: SecretsDocument) => SecretsDocument | undefined): Promise<SecretsDocument> {
    const work = async (): Promise<SecretsDocument> => {
      if (this.options.unwritten === true) {
        const known = (await this.#read()) ?? (await this.#newDocument());
        this.#unwritten = change(known) ?? known;
        return this.#unwritten;
      }
      await using lock = await FileLock.acquire(this.location);
      const current = (await this.#read()) ?? (await this.#newDocument());
      const next = change(current);
      if (next === undefined) return current;
      lock.assertHeld();
      try {
        await this.#file.removeLeftovers();
        await this.#file.write(next);
      } catch (cause) {
        throw new StateError(
          'STATE_WRITE_FAILED',
          `the secrets of the nodes (${this.location}) cannot be written`,
          {
            cause,
            hint: 'Check free space and permissions of its directory.',
          },
        );
      }
      this.#known = next;
      return next;
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
