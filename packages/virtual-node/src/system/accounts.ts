import { createHash } from 'node:crypto';
import type { ImageFiles } from '@turingpi/image';
import { encrypt, verify } from 'unixcrypt';
import type { Identity } from './identity.js';

const DAY_MS = 86_400_000;

/** One user of the node, from its passwd, shadow and group files. */
export interface Account extends Identity {
  /** The field of the shadow file: a hash, or `!`, `*` and the like when no password fits. */
  readonly passwordHash: string;
  /** Whether the password must be changed before anything else. */
  readonly mustChangePassword: boolean;
  /** Whether the whole account has expired. */
  readonly expired: boolean;
}

/** The account files of a node, read afresh for every question: users may change them while it runs. */
export class Accounts {
  readonly #right = new Set<string>();

  constructor(private readonly root: ImageFiles) {}

  async find(name: string): Promise<Account | undefined> {
    const entry = (await this.#lines('passwd')).find((fields) => fields[0] === name);
    if (entry === undefined) return undefined;
    const [, inline = 'x', uid = '', gid = '', , home = '/', shell = '/bin/sh'] = entry;
    const shadow = (await this.#lines('shadow')).find((fields) => fields[0] === name);
    const [, hash = inline, last = '', , maximum = '', , , expires = ''] = shadow ?? [];
    const today = Math.floor(Date.now() / DAY_MS);
    const groups = await this.#lines('group');
    const memberships = groups.filter((fields) => (fields[3] ?? '').split(',').includes(name));
    return {
      name,
      uid: Number(uid),
      gid: Number(gid),
      gids: new Set([Number(gid), ...memberships.map((fields) => Number(fields[2]))]),
      home: home === '' ? '/' : home,
      shell: shell === '' ? '/bin/sh' : shell,
      passwordHash: hash,
      mustChangePassword:
        last === '0' || (last !== '' && maximum !== '' && today > Number(last) + Number(maximum)),
      expired: expires !== '' && today > Number(expires),
    };
  }

  async userName(uid: number): Promise<string> {
    return (await this.#lines('passwd')).find((fields) => fields[2] === String(uid))?.[0] ?? String(uid);
  }

  async groupName(gid: number): Promise<string> {
    return (await this.#lines('group')).find((fields) => fields[2] === String(gid))?.[0] ?? String(gid);
  }

  /** The number of a group given by name or number. */
  async groupId(group: string): Promise<number | undefined> {
    if (/^\d+$/.test(group)) return Number(group);
    const entry = (await this.#lines('group')).find((fields) => fields[0] === group);
    return entry === undefined ? undefined : Number(entry[2]);
  }

  /** Whether the password is this account's. Only SHA-2 crypt (`$5$`, `$6$`) can be verified; anything else never fits. */
  passwordFits(account: Account, password: string): boolean {
    const { passwordHash } = account;
    if (!/^\$[56]\$/.test(passwordHash)) return false;
    // Verifying is slow on purpose; what was right before is remembered by digest.
    const known = createHash('sha256').update(`${passwordHash}\0${password}`).digest('hex');
    if (this.#right.has(known)) return true;
    let fits: boolean;
    try {
      fits = verify(password, passwordHash);
    } catch {
      return false; // a malformed hash
    }
    if (fits) this.#right.add(known);
    return fits;
  }

  /** Sets a password as `passwd` does, dated today. */
  async setPassword(name: string, password: string): Promise<void> {
    await this.setShadow(name, encrypt(password), String(Math.floor(Date.now() / DAY_MS)));
  }

  /** Writes an account's shadow entry; `lastChange` `0` demands a change at the next login. */
  async setShadow(name: string, hash: string, lastChange: string): Promise<void> {
    const text = (await this.root.readText('/etc/shadow')) ?? '';
    const lines = text.split('\n').filter((line) => line !== '');
    const at = lines.findIndex((line) => line.startsWith(`${name}:`));
    const rest = (at < 0 ? '' : (lines[at] ?? '')).split(':').slice(3);
    const entry = [
      name,
      hash,
      lastChange,
      ...(rest.length > 0 ? rest : ['0', '99999', '7', '', '', '']),
    ].join(':');
    if (at < 0) lines.push(entry);
    else lines[at] = entry;
    const existing = await this.root.exists('/etc/shadow');
    await this.root.writeFile('/etc/shadow', `${lines.join('\n')}\n`, existing ? undefined : { mode: 0o640 });
  }

  async #lines(file: 'passwd' | 'shadow' | 'group'): Promise<string[][]> {
    const text = (await this.root.readText(`/etc/${file}`)) ?? '';
    return text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(':'));
  }
}
