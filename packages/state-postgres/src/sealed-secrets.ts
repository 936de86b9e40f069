import { type Secret, secretsUnreadable, type SharedText } from '@turingpi/core/plugin';
import { Decrypter, Encrypter, identityToRecipient } from 'age-encryption';
import type { Database } from './database.js';
import { beginCluster, type RecordPlace } from './record-rows.js';

/** What the secrets of nodes are encrypted with. */
export interface SealingKeys {
  /** An identity of age, which opens them and seals them for itself. */
  readonly identity: Secret;
  /** Recipients of age, for whom they are sealed as well. */
  readonly recipients: readonly string[];
}

interface SealedRow {
  readonly revision: number;
  readonly sealed: Buffer;
}

/** The secrets of the nodes of a cluster: only text that is encrypted here reaches the server. */
export class SealedSecrets implements SharedText {
  constructor(
    private readonly database: Database,
    private readonly place: RecordPlace,
    private readonly keys: SealingKeys,
  ) {}

  get location(): string {
    return this.place.location;
  }

  async read(): Promise<string | undefined> {
    return this.#open(await this.#row());
  }

  async update(change: (current: string | undefined) => string | undefined): Promise<string | undefined> {
    for (;;) {
      const row = await this.#row();
      const current = await this.#open(row);
      const next = change(current);
      if (next === undefined) return current;
      if (await this.#replace(row, await this.#seal(next))) return next;
    }
  }

  async #row(): Promise<SealedRow | undefined> {
    const [row] = await this.database.query<SealedRow & Record<string, unknown>>(
      'select revision, sealed from node_secrets where cluster = $1',
      [this.place.cluster],
    );
    return row;
  }

  /** @returns Whether nobody was faster. */
  #replace(before: SealedRow | undefined, sealed: Uint8Array): Promise<boolean> {
    const { cluster } = this.place;
    return this.database.transaction(`${cluster}/secrets`, async (query) => {
      await beginCluster(this.place, query);
      const written = await query(
        `insert into node_secrets (cluster, revision, sealed) values ($1, 1, $3)
         on conflict (cluster) do update set revision = node_secrets.revision + 1, sealed = excluded.sealed
           where node_secrets.revision = $2 returning revision`,
        [cluster, before?.revision ?? 0, Buffer.from(sealed)],
      );
      return written.length > 0;
    });
  }

  async #seal(text: string): Promise<Uint8Array> {
    const { identity, recipients } = this.keys;
    const encrypter = new Encrypter();
    const own = await identityToRecipient(identity.reveal());
    for (const recipient of new Set([own, ...recipients])) encrypter.addRecipient(recipient);
    return encrypter.encrypt(text);
  }

  /** @throws StateError `NODE_SECRETS_UNREADABLE` */
  async #open(row: SealedRow | undefined): Promise<string | undefined> {
    if (row === undefined) return undefined;
    const decrypter = new Decrypter();
    decrypter.addIdentity(this.keys.identity.reveal());
    try {
      return await decrypter.decrypt(row.sealed, 'text');
    } catch {
      // Without the cause: nothing of what is in it belongs into a message.
      throw secretsUnreadable(this.location, 'was encrypted with another `secretsKey`, or is damaged');
    }
  }
}
