import type { ImageFiles } from '@turingpi/image';
import { LinuxError } from '../linux-error.js';

/** A user as `/etc/passwd` has it. */
export interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

type FileName = 'passwd' | 'shadow' | 'group' | 'gshadow' | 'subuid' | 'subgid';

const FIELDS: Readonly<Record<FileName, number>> = {
  passwd: 7,
  shadow: 9,
  group: 4,
  gshadow: 4,
  subuid: 3,
  subgid: 3,
};
/** Modes of files that an image lacks: shadow files are nobody's business. */
const MODES: Readonly<Record<FileName, number>> = {
  passwd: 0o644,
  shadow: 0o640,
  group: 0o644,
  gshadow: 0o640,
  subuid: 0o644,
  subgid: 0o644,
};
const FIRST_UID = 1000;
const LAST_UID = 59_999;

/**
 * The account files of an image (passwd, shadow, group, gshadow, subuid, subgid), changed in memory and written together.
 *
 * @remarks Lines that are not understood (NIS entries, comments) stay as they are.
 */
export class AccountDatabase {
  readonly #files: Map<FileName, string[][]>;

  private constructor(
    private readonly root: ImageFiles,
    files: Map<FileName, string[][]>,
  ) {
    this.#files = files;
  }

  /** @throws LinuxError `ACCOUNT_FILE_INVALID` when the image has no `/etc/passwd`. */
  static async read(root: ImageFiles): Promise<AccountDatabase> {
    const files = new Map<FileName, string[][]>();
    for (const name of Object.keys(FIELDS) as FileName[]) {
      const text = await root.readText(`/etc/${name}`);
      if (text === undefined && name === 'passwd')
        throw new LinuxError('ACCOUNT_FILE_INVALID', 'the image has no /etc/passwd', {
          hint: 'Is this the root filesystem of an installed system?',
        });
      if (text !== undefined)
        files.set(
          name,
          text
            .replace(/\n+$/, '')
            .split('\n')
            .map((line) => line.split(':')),
        );
    }
    return new AccountDatabase(root, files);
  }

  user(name: string): PasswdEntry | undefined {
    return this.users().find((user) => user.name === name);
  }

  users(): PasswdEntry[] {
    return this.#entries('passwd').map(([name = '', , uid, gid, , home = '', shell = '']) => ({
      name,
      uid: Number(uid),
      gid: Number(gid),
      home,
      shell,
    }));
  }

  /** The number of a group; undefined when there is none of this name. */
  groupId(name: string): number | undefined {
    const entry = this.#entries('group').find(([group]) => group === name);
    return entry && Number(entry[2]);
  }

  /** The names of the groups that a user is in, its own one first. */
  groupsOf(name: string): string[] {
    const gid = this.user(name)?.gid;
    const groups = this.#entries('group');
    return [
      ...groups.filter((entry) => Number(entry[2]) === gid),
      ...groups.filter((entry) => Number(entry[2]) !== gid && entry[3]?.split(',').includes(name)),
    ].map(([group = '']) => group);
  }

  /** What `/etc/shadow` says of a user's password: whether there is one, and whether it lets in only to be changed. */
  password(name: string): { readonly locked: boolean; readonly mustChange: boolean } {
    const [, hash = '!', lastChange] = this.#entries('shadow').find(([user]) => user === name) ?? [];
    return { locked: /^[!*]/.test(hash), mustChange: lastChange === '0' };
  }

  /** Makes a user with a group of its own and a locked password; returns an existing one as it is. */
  ensureUser(name: string, shell: string): PasswdEntry {
    const existing = this.user(name);
    if (existing) return existing;
    const used = new Set([
      ...this.users().flatMap(({ uid, gid }) => [uid, gid]),
      ...this.#entries('group').map(([, , gid]) => Number(gid)),
    ]);
    let id = FIRST_UID;
    while (used.has(id) && id < LAST_UID) id += 1;
    const home = `/home/${name}`;
    let gid = id;
    const group = this.#entries('group').find((entry) => entry[0] === name);
    if (group) gid = Number(group[2]);
    else this.#add('group', [name, 'x', String(id), '']);
    if (!group && this.#files.has('gshadow')) this.#add('gshadow', [name, '!', '', '']);
    this.#add('passwd', [name, 'x', String(id), String(gid), '', home, shell]);
    this.#setShadow(name, '!');
    this.#addSubordinateIds(name);
    return { name, uid: id, gid, home, shell };
  }

  /** Sets the password hash; without aging, so no change can be forced (the node's clock may be years off at first). */
  setPasswordHash(name: string, hash: string): void {
    this.#setShadow(name, hash);
  }

  /** Makes logging in with a password impossible; keys go on working. */
  lockPassword(name: string): void {
    this.#setShadow(name, '!*');
  }

  /** Adds the user to those of the groups that the image has. */
  addToGroups(name: string, groups: readonly string[]): void {
    for (const file of ['group', 'gshadow'] as const)
      for (const entry of this.#entries(file)) {
        if (!groups.includes(entry[0] ?? '')) continue;
        const members = (entry[3] ?? '').split(',').filter(Boolean);
        if (!members.includes(name)) entry[3] = [...members, name].join(',');
      }
  }

  /** Renames a user, its group and its memberships. The home directory is the caller's to move. */
  renameUser(from: string, to: string): void {
    for (const file of ['passwd', 'shadow', 'subuid', 'subgid', 'group', 'gshadow'] as const)
      for (const entry of this.#entries(file)) if (entry[0] === from) entry[0] = to;
    for (const entry of this.#entries('passwd'))
      if (entry[0] === to && entry[5] === `/home/${from}`) entry[5] = `/home/${to}`;
    for (const file of ['group', 'gshadow'] as const)
      for (const entry of this.#entries(file))
        entry[3] = (entry[3] ?? '')
          .split(',')
          .map((member) => (member === from ? to : member))
          .join(',');
  }

  async write(): Promise<void> {
    for (const [name, lines] of this.#files) {
      const path = `/etc/${name}`;
      const content = `${lines.map((fields) => fields.join(':')).join('\n')}\n`;
      // An existing file keeps its mode and owner; shadow belongs to a group whose number differs between systems.
      const existing = await this.root.exists(path);
      await this.root.writeFile(path, content, existing ? undefined : { mode: MODES[name] });
    }
  }

  #entries(name: FileName): string[][] {
    return (this.#files.get(name) ?? []).filter(
      (fields) => fields.length === FIELDS[name] && fields[0] !== '' && !fields[0]?.startsWith('#'),
    );
  }

  #add(name: FileName, fields: string[]): void {
    const lines = this.#files.get(name) ?? [];
    // A last line of NIS (`+::::::`) must stay last.
    const at = lines.findLastIndex((line) => !line[0]?.startsWith('+') && line.join(':') !== '') + 1;
    lines.splice(at, 0, fields);
    this.#files.set(
      name,
      lines.filter((line) => line.join(':') !== ''),
    );
  }

  #setShadow(name: string, hash: string): void {
    const entry = this.#entries('shadow').find((fields) => fields[0] === name);
    const aging = ['', '0', '99999', '7', '', '', ''];
    if (entry) entry.splice(1, 8, hash, ...aging);
    else this.#add('shadow', [name, hash, ...aging]);
  }

  /** As useradd does: rootless containers need them. */
  #addSubordinateIds(name: string): void {
    for (const file of ['subuid', 'subgid'] as const) {
      if (!this.#files.has(file)) continue;
      const next = this.#entries(file).reduce(
        (end, [, start, count]) => Math.max(end, Number(start) + Number(count)),
        100_000,
      );
      this.#add(file, [name, String(next), '65536']);
    }
  }
}
