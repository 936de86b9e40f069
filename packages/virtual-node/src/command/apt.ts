import { type CommandCall, type CommandTable, readOptions } from '../shell/command.js';

const STATUS = '/var/lib/dpkg/status';
const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]+$/;
const VERSION = '0.0-simulated';

/** apt-get and dpkg over the image's own list of packages. Nothing is fetched: installing records the name. */
export const APT: CommandTable = {
  'apt-get': apt,
  apt,
  dpkg: async (call) => {
    const { options, operands } = readOptions(call.args);
    const entries = await readStatus(call);
    if (options.has('s') || options.has('status')) {
      for (const name of operands) {
        const entry = entries.get(name);
        if (entry === undefined) {
          call.io.err(`dpkg-query: package '${name}' is not installed and no information is available\n`);
          return 1;
        }
        call.io.out(`${entry}\n`);
      }
      return 0;
    }
    if (options.has('l')) {
      for (const name of entries.keys()) call.io.out(`ii  ${name}\n`);
      return 0;
    }
    if (options.has('print-architecture')) {
      call.io.out('arm64\n');
      return 0;
    }
    call.io.err('dpkg: only -s, -l and --print-architecture are simulated\n');
    return 2;
  },
  'dpkg-query': async (call) => {
    const { options, operands } = readOptions(call.args, ['f', 'showformat']);
    const template = options.get('f') ?? options.get('showformat') ?? '${Package}\t${Version}\n';
    const entries = await readStatus(call);
    let status = 0;
    for (const name of operands) {
      const entry = entries.get(name);
      if (entry === undefined) {
        call.io.err(`dpkg-query: no packages found matching ${name}\n`);
        status = 1;
        continue;
      }
      const field = (key: string): string => new RegExp(`^${key}: (.*)$`, 'mi').exec(entry)?.[1] ?? '';
      call.io.out(
        template
          .replaceAll(/\$\{([A-Za-z:-]+)\}/g, (_, key: string) =>
            key === 'db:Status-Abbrev' ? 'ii ' : field(key),
          )
          .replaceAll('\\t', '\t')
          .replaceAll('\\n', '\n'),
      );
    }
    return status;
  },
};

async function apt(call: CommandCall): Promise<number> {
  const { operands } = readOptions(call.args, ['o', 'c', 't']);
  const [verb = '', ...wanted] = operands;
  const needsRoot = [
    'update',
    'install',
    'remove',
    'purge',
    'upgrade',
    'dist-upgrade',
    'full-upgrade',
    'autoremove',
    'clean',
  ];
  if (!needsRoot.includes(verb)) {
    call.io.err(`E: Invalid operation ${verb}\n`);
    return 100;
  }
  if (call.shell.identity.uid !== 0) {
    call.io.err('E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\n');
    return 100;
  }
  if (verb === 'update') {
    call.io.out('Hit:1 simulated://archive stable InRelease\nReading package lists... Done\n');
    return 0;
  }
  call.io.out('Reading package lists... Done\nBuilding dependency tree... Done\n');
  const names = wanted.map((name) => name.replace(/[=/:].*$/, ''));
  const unknown = names.filter((name) => !PACKAGE_NAME.test(name));
  if (unknown.length > 0) {
    for (const name of unknown) call.io.err(`E: Unable to locate package ${name}\n`);
    return 100;
  }
  if (verb === 'install') await install(call, names);
  else if (verb === 'remove' || verb === 'purge') await remove(call, names);
  else call.io.out('0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n');
  return 0;
}

async function install(call: CommandCall, names: readonly string[]): Promise<void> {
  const entries = await readStatus(call);
  const missing = names.filter((name) => !entries.has(name));
  for (const name of names) if (entries.has(name)) call.io.out(`${name} is already the newest version.\n`);
  for (const name of missing) {
    entries.set(
      name,
      `Package: ${name}\nStatus: install ok installed\nPriority: optional\nArchitecture: arm64\nVersion: ${VERSION}\nDescription: recorded by the simulated node; its files are not there`,
    );
    call.io.out(`Setting up ${name} (${VERSION}) ...\n`);
  }
  if (missing.length > 0) await writeStatus(call, entries);
  call.io.out(`0 upgraded, ${missing.length} newly installed, 0 to remove and 0 not upgraded.\n`);
}

async function remove(call: CommandCall, names: readonly string[]): Promise<void> {
  const entries = await readStatus(call);
  const removed = names.filter((name) => entries.delete(name));
  for (const name of removed) call.io.out(`Removing ${name} ...\n`);
  if (removed.length > 0) await writeStatus(call, entries);
}

async function readStatus(call: CommandCall): Promise<Map<string, string>> {
  const text = await call.system.privileged(async (root) =>
    (await root.exists(STATUS)) ? ((await root.readText(STATUS)) ?? '') : '',
  );
  const entries = text
    .split(/\n\n+/)
    .map((entry) => entry.trim())
    .filter(Boolean);
  return new Map(entries.map((entry) => [/^Package: (\S+)/m.exec(entry)?.[1] ?? '', entry]));
}

async function writeStatus(call: CommandCall, entries: ReadonlyMap<string, string>): Promise<void> {
  const text = [...entries.values()].map((entry) => `${entry}\n\n`).join('');
  await call.system.privileged((root) => root.writeFile(STATUS, text));
  call.system.changed();
}
