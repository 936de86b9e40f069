import type { ImageFiles } from '@turingpi/image';
import type { HostKeyType } from '@turingpi/runtime';
import { encrypt } from 'unixcrypt';
import { Accounts } from '../system/accounts.js';
import { unitState } from '../system/unit-files.js';
import { AccountSetup } from './account-setup.js';
import {
  asConfig,
  asList,
  asStrings,
  type Config,
  findSeed,
  mergeConfig,
  parseConfig,
  readSystemConfig,
  type Seed,
  type SeedPartition,
} from './cloud-config.js';
import { deleteHostKeys, makeMissingHostKeys } from './host-keys.js';

/** How cloud-init ended, as `cloud-init status` says it. */
export interface CloudInitOutcome {
  readonly status: 'done' | 'error' | 'disabled' | 'not-installed';
  /** Where the configuration came from, or what is wrong. */
  readonly detail: string;
  /** Commands of `runcmd` and packages, for the node's shell to carry out after the boot. */
  readonly commands: readonly (string | readonly string[])[];
}

const INSTANCE = '/var/lib/cloud/data/instance-id';
// cloud-init makes an RSA key as well; it takes seconds and nothing here needs it.
const KEY_TYPES: readonly HostKeyType[] = ['ecdsa', 'ed25519'];

/**
 * Does what the modules of cloud-init that matter for reaching a node would do: host name, users, passwords, keys,
 * SSH settings, network file, written files. A simulation: other modules are passed over.
 */
export async function runCloudInit(
  root: ImageFiles,
  partitions: readonly SeedPartition[],
): Promise<CloudInitOutcome> {
  const quiet = { commands: [] };
  if (!(await root.exists('/usr/bin/cloud-init')))
    return { status: 'not-installed', detail: 'not installed', ...quiet };
  if (await root.exists('/etc/cloud/cloud-init.disabled'))
    return { status: 'disabled', detail: 'disabled by /etc/cloud/cloud-init.disabled', ...quiet };
  // Debian 12 has cloud-init.service; since 24.3 it is cloud-init-network.service.
  const states = [
    await unitState(root, 'cloud-init.service'),
    await unitState(root, 'cloud-init-network.service'),
  ];
  if (!states.includes('enabled') && !states.includes('static'))
    return { status: 'disabled', detail: 'no unit of it is enabled', ...quiet };
  try {
    const system = await readSystemConfig(root);
    const seed = await findSeed(root, system, partitions);
    const place = seed?.place ?? 'no data source';
    const instance = seed === undefined ? 'iid-datasource-none' : instanceId(seed);
    const before = (await root.exists(INSTANCE)) ? (await root.readText(INSTANCE))?.trim() : undefined;
    if (before === instance)
      return { status: 'done', detail: `instance ${instance} known already`, ...quiet };
    const user = seed?.userData?.startsWith('#cloud-config') === true ? parseConfig(seed.userData) : {};
    const commands = await new NewInstance(root, mergeConfig(system, user), user, seed).setUp();
    await root.writeFile(INSTANCE, `${instance}\n`);
    return { status: 'done', detail: `instance ${instance} from ${place}`, commands };
  } catch (error) {
    return { status: 'error', detail: error instanceof Error ? error.message : String(error), ...quiet };
  }
}

function instanceId(seed: Seed): string {
  const id = seed.metaData['instance-id'];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : 'nocloud';
}

/** The per-instance work for a machine that cloud-init has not seen before. */
class NewInstance {
  readonly #accounts: Accounts;
  readonly #setup: AccountSetup;

  constructor(
    private readonly root: ImageFiles,
    private readonly config: Config,
    private readonly user: Config,
    private readonly seed: Seed | undefined,
  ) {
    this.#accounts = new Accounts(root);
    this.#setup = new AccountSetup(root);
  }

  async setUp(): Promise<(string | readonly string[])[]> {
    await this.#hostname();
    await this.#network();
    await this.#hostKeys();
    await this.#writeFiles();
    const defaultUser = await this.#users();
    await this.#passwords(defaultUser);
    await this.#sshSettings();
    if (typeof this.config['timezone'] === 'string')
      await this.root.symlink(`/usr/share/zoneinfo/${this.config['timezone']}`, '/etc/localtime');
    if (typeof this.user['locale'] === 'string')
      await this.root.writeFile('/etc/default/locale', `LANG=${this.user['locale']}\n`);
    const packages = asStrings(this.config['packages']);
    return [
      ...(this.config['package_update'] === true ? [['apt-get', 'update']] : []),
      ...(packages.length > 0 ? [['apt-get', 'install', '--yes', ...packages]] : []),
      ...asList(this.config['runcmd']).map((command) =>
        Array.isArray(command) ? command.map(String) : String(command),
      ),
    ];
  }

  async #hostname(): Promise<void> {
    if (this.config['preserve_hostname'] === true) return;
    const name = this.config['hostname'] ?? this.config['fqdn'] ?? this.seed?.metaData['local-hostname'];
    if (typeof name !== 'string') return;
    const short = name.split('.')[0] ?? name;
    await this.root.writeFile('/etc/hostname', `${short}\n`);
    if (this.config['manage_etc_hosts'] === true || this.config['manage_etc_hosts'] === 'localhost') {
      const hosts = ((await this.root.readText('/etc/hosts')) ?? '').replace(/^127\.0\.1\.1.*\n?/gm, '');
      await this.root.writeFile('/etc/hosts', `${hosts}127.0.1.1 ${name} ${short}\n`);
    }
  }

  async #network(): Promise<void> {
    const disabled = asConfig(this.config['network'])['config'] === 'disabled';
    if (disabled || this.seed?.networkConfig === undefined || !(await this.root.exists('/etc/netplan')))
      return;
    const config = parseConfig(this.seed.networkConfig);
    const text =
      'network' in config ? this.seed.networkConfig : `network:\n${indent(this.seed.networkConfig)}`;
    await this.root.writeFile('/etc/netplan/50-cloud-init.yaml', text, { mode: 0o600 });
  }

  async #hostKeys(): Promise<void> {
    if (this.config['ssh_deletekeys'] !== false) await deleteHostKeys(this.root);
    const given = asConfig(this.config['ssh_keys']);
    for (const [name, key] of Object.entries(given)) {
      const [, type, half] = /^(rsa|ecdsa|ed25519)_(private|public)$/.exec(name) ?? [];
      if (type === undefined || typeof key !== 'string') continue;
      const path = `/etc/ssh/ssh_host_${type}_key${half === 'public' ? '.pub' : ''}`;
      await this.root.writeFile(path, `${key.trimEnd()}\n`, { mode: half === 'public' ? 0o644 : 0o600 });
    }
    if (Object.keys(given).length > 0) return;
    const wanted = 'ssh_genkeytypes' in this.config ? asStrings(this.config['ssh_genkeytypes']) : KEY_TYPES;
    await makeMissingHostKeys(
      this.root,
      KEY_TYPES.filter((type) => wanted.includes(type)),
    );
  }

  async #writeFiles(): Promise<void> {
    for (const entry of asList(this.config['write_files']).map(asConfig)) {
      const { path, content, permissions, encoding } = entry;
      if (typeof path !== 'string') continue;
      const text = typeof content === 'string' ? content : '';
      const bytes = Buffer.from(text, encoding === 'b64' || encoding === 'base64' ? 'base64' : 'utf8');
      const mode = typeof permissions === 'string' ? Number.parseInt(permissions, 8) : 0o644;
      await this.root.writeFile(path, bytes, { mode });
    }
  }

  /** Makes the users; returns the name of the default one, if there is one. */
  async #users(): Promise<string | undefined> {
    const shipped = asConfig(asConfig(this.config['system_info'])['default_user']);
    const overriding = this.config['user'];
    const standard: Config =
      typeof overriding === 'string'
        ? { ...shipped, name: overriding }
        : { ...shipped, ...asConfig(overriding) };
    let defaultUser: string | undefined;
    for (const group of asList(this.user['groups']))
      for (const name of asStrings(group)) await this.#setup.ensureGroup(name);
    for (const entry of asList(this.config['users'])) {
      const isDefault = entry === 'default';
      const user = isDefault ? standard : typeof entry === 'string' ? { name: entry } : asConfig(entry);
      const name = user['name'];
      if (typeof name !== 'string') continue;
      if (isDefault) defaultUser = name;
      await this.#user(name, user);
    }
    // Top-level keys are the default user's; without one, cloud-init gives them to nobody but root's warning line.
    if (defaultUser !== undefined) await this.#setup.authorize(defaultUser, keysOf(this.config));
    return defaultUser;
  }

  async #user(name: string, user: Config): Promise<void> {
    const text = (key: string): string | undefined => (typeof user[key] === 'string' ? user[key] : undefined);
    const existed = (await this.#accounts.find(name)) !== undefined;
    const optional = { gecos: text('gecos'), shell: text('shell'), home: text('homedir') };
    await this.#setup.ensureUser({
      name,
      groups: asStrings(user['groups']),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    });
    const plain = text('plain_text_passwd');
    const hash =
      text('hashed_passwd') ??
      (existed ? undefined : text('passwd')) ??
      (plain === undefined ? undefined : encrypt(plain));
    const lock = user['lock_passwd'] !== false;
    const account = await this.#accounts.find(name);
    const kept = hash ?? account?.passwordHash ?? '!';
    if (hash !== undefined || (lock && name !== 'root'))
      await this.#accounts.setShadow(name, lock && !kept.startsWith('!') ? `!${kept}` : kept, today());
    await this.#setup.authorize(name, [...keysOf(user)]);
    const rules = asStrings(Array.isArray(user['sudo']) ? user['sudo'] : [user['sudo']]);
    if (rules.length > 0) await this.#sudoRules(name, rules);
  }

  async #sudoRules(name: string, rules: readonly string[]): Promise<void> {
    const path = '/etc/sudoers.d/90-cloud-init-users';
    const present = (await this.root.exists(path)) ? ((await this.root.readText(path)) ?? '') : '';
    const lines = rules.map((rule) => `${name} ${rule}\n`).join('');
    await this.root.writeFile(path, present + lines, { mode: 0o440 });
  }

  async #passwords(defaultUser: string | undefined): Promise<void> {
    const chpasswd = asConfig(this.config['chpasswd']);
    const expire = chpasswd['expire'] !== false;
    const pairs: [string, string, boolean][] = [];
    const listed = chpasswd['list'];
    for (const line of typeof listed === 'string' ? listed.split('\n') : asList(listed).map(String)) {
      const colon = line.indexOf(':');
      if (colon > 0)
        pairs.push([
          line.slice(0, colon),
          line.slice(colon + 1),
          /^\$[0-9a-z]+\$/.test(line.slice(colon + 1)),
        ]);
    }
    for (const entry of asList(chpasswd['users']).map(asConfig))
      if (typeof entry['name'] === 'string' && typeof entry['password'] === 'string')
        pairs.push([entry['name'], entry['password'], entry['type'] !== 'text']);
    const password = this.config['password'];
    if (typeof password === 'string' && defaultUser !== undefined)
      pairs.push([defaultUser, password, /^\$[0-9a-z]+\$/.test(password)]);
    for (const [name, secret, hashed] of pairs)
      if ((await this.#accounts.find(name)) !== undefined)
        await this.#accounts.setShadow(name, hashed ? secret : encrypt(secret), expire ? '0' : today());
  }

  async #sshSettings(): Promise<void> {
    const allowed = this.config['ssh_pwauth'];
    if (typeof allowed !== 'boolean' && allowed !== 'yes' && allowed !== 'no') return;
    const word = allowed === true || allowed === 'yes' ? 'yes' : 'no';
    await this.root.writeFile(
      '/etc/ssh/sshd_config.d/50-cloud-init.conf',
      `PasswordAuthentication ${word}\n`,
      {
        mode: 0o600,
      },
    );
  }
}

function keysOf(config: Config): string[] {
  return asStrings(asList(config['ssh_authorized_keys']));
}

function today(): string {
  return String(Math.floor(Date.now() / 86_400_000));
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
