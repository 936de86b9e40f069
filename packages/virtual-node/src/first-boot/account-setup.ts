import type { ImageFiles } from '@turingpi/image';

/** A user as a first boot makes it. */
export interface AccountRequest {
  readonly name: string;
  readonly gecos?: string;
  readonly shell?: string;
  readonly home?: string;
  readonly groups?: readonly string[];
  readonly uid?: number;
  /** Made where it is missing. Default: yes. */
  readonly makesHome?: boolean;
}

/** Makes users and groups as `useradd -m -U` does: a group of its own, a home directory, a locked password. */
export class AccountSetup {
  constructor(private readonly root: ImageFiles) {}

  /** Makes the user unless it is there; adds it to the groups, making those that are missing. */
  async ensureUser(request: AccountRequest): Promise<void> {
    const passwd = await this.#read('passwd');
    if (!passwd.some((fields) => fields[0] === request.name)) {
      const groups = await this.#read('group');
      const used = new Set([...passwd, ...groups].map((fields) => Number(fields[2])));
      let id = request.uid ?? 1000;
      while (used.has(id)) id += 1;
      const home = request.home ?? `/home/${request.name}`;
      groups.push([request.name, 'x', String(id), '']);
      passwd.push([
        request.name,
        'x',
        String(id),
        String(id),
        request.gecos ?? '',
        home,
        request.shell ?? '/bin/sh',
      ]);
      const shadow = await this.#read('shadow');
      const today = String(Math.floor(Date.now() / 86_400_000));
      shadow.push([request.name, '!', today, '0', '99999', '7', '', '', '']);
      await this.#write('group', groups);
      await this.#write('passwd', passwd);
      await this.#write('shadow', shadow, 0o640);
      if (request.makesHome !== false && !(await this.root.exists(home)))
        await this.root.mkdir(home, { mode: 0o750, uid: id, gid: id });
    }
    for (const group of request.groups ?? []) await this.addToGroup(request.name, group);
  }

  /** @param first - where free numbers are looked for; those of daemons are below 1000 */
  async ensureGroup(name: string, first = 1000): Promise<void> {
    const groups = await this.#read('group');
    if (groups.some((fields) => fields[0] === name)) return;
    const used = new Set(groups.map((fields) => Number(fields[2])));
    let id = first;
    while (used.has(id)) id += 1;
    groups.push([name, 'x', String(id), '']);
    await this.#write('group', groups);
  }

  /** Removes a line of each of these files. */
  async remove(name: string, files: readonly ('passwd' | 'group' | 'shadow')[]): Promise<void> {
    for (const file of files)
      await this.#write(
        file,
        (await this.#read(file)).filter((fields) => fields[0] !== name),
      );
  }

  async addToGroup(user: string, group: string): Promise<void> {
    await this.ensureGroup(group);
    const groups = await this.#read('group');
    for (const fields of groups) {
      if (fields[0] !== group) continue;
      const members = (fields[3] ?? '').split(',').filter(Boolean);
      if (!members.includes(user)) fields[3] = [...members, user].join(',');
    }
    await this.#write('group', groups);
  }

  /** Adds public keys to the user's `authorized_keys`, with the owner and modes that sshd demands. */
  async authorize(user: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const entry = (await this.#read('passwd')).find((fields) => fields[0] === user);
    if (entry === undefined) return;
    const [uid, gid, home] = [Number(entry[2]), Number(entry[3]), entry[5] ?? '/'];
    const path = `${home}/.ssh/authorized_keys`;
    await this.root.mkdir(`${home}/.ssh`, { mode: 0o700, uid, gid });
    await this.root.setAttributes(`${home}/.ssh`, { mode: 0o700, uid, gid });
    const present = (await this.root.exists(path)) ? ((await this.root.readText(path)) ?? '') : '';
    const lines = new Set([...present.split('\n').filter(Boolean), ...keys.map((key) => key.trim())]);
    await this.root.writeFile(path, `${[...lines].join('\n')}\n`, { mode: 0o600, uid, gid });
  }

  async #read(file: 'passwd' | 'group' | 'shadow'): Promise<string[][]> {
    const text = (await this.root.readText(`/etc/${file}`)) ?? '';
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(':'));
  }

  async #write(file: string, lines: readonly string[][], mode = 0o644): Promise<void> {
    const path = `/etc/${file}`;
    const content = `${lines.map((fields) => fields.join(':')).join('\n')}\n`;
    await this.root.writeFile(path, content, (await this.root.exists(path)) ? undefined : { mode });
  }
}
