import { dirname } from 'node:path/posix';
import type { CommandCall, CommandTable } from '../shell/command.js';
import {
  existingLinks,
  findUnit,
  installLinks,
  type UnitFile,
  unitName,
  unitState,
  unitValue,
} from '../system/unit-files.js';

type Verb = (call: CommandCall, names: readonly string[], now: boolean) => Promise<number>;

const NEEDS_ROOT = new Set([
  'enable',
  'disable',
  'mask',
  'unmask',
  'start',
  'stop',
  'restart',
  'reload',
  'reload-or-restart',
  'try-restart',
  'try-reload-or-restart',
  'daemon-reload',
  'reboot',
  'poweroff',
]);

/** systemctl: enabling makes real links in the image; starting a oneshot unit runs its script in the simulated shell. */
export const SYSTEMCTL: CommandTable = {
  systemctl: async (call) => {
    const words = call.args.filter((arg) => !arg.startsWith('-'));
    const [verb = 'list-units', ...names] = words;
    const run = VERBS[verb];
    if (run === undefined || !Object.hasOwn(VERBS, verb)) {
      call.io.err(`Unknown command verb ${verb}: not simulated.\n`);
      return 1;
    }
    if (NEEDS_ROOT.has(verb) && call.shell.identity.uid !== 0) {
      call.io.err(`Failed to ${verb}: Interactive authentication required.\n`);
      return 1;
    }
    return run(call, names.map(unitName), call.args.includes('--now'));
  },
};

/** Whether a unit runs now. */
function isActive(call: CommandCall, { name }: UnitFile): boolean {
  return call.system.activeUnits.has(name);
}

const VERBS: Readonly<Record<string, Verb>> = {
  enable: eachUnit(async (call, unit, now) => {
    for (const { path, target } of installLinks(unit)) {
      if ((await call.files.readLink(path).catch(() => undefined)) === target) continue;
      await call.system.privileged(async (root) => {
        await root.mkdir(dirname(path));
        await root.symlink(target, path);
      });
      call.system.changed();
      call.io.err(`Created symlink ${path} → ${target}.\n`);
    }
    if (installLinks(unit).length === 0)
      call.io.err('The unit files have no installation config; they are not meant to be enabled.\n');
    return now ? start(call, unit) : 0;
  }),
  disable: eachUnit(async (call, unit, now) => {
    for (const path of await call.system.privileged((root) => existingLinks(root, unit))) {
      await call.files.remove(path);
      call.io.err(`Removed ${path}.\n`);
    }
    if (now) call.system.activeUnits.delete(unit.name);
    return 0;
  }),
  mask: async (call, names) => {
    for (const name of names) {
      const path = `/etc/systemd/system/${name}`;
      await call.system.privileged((root) => root.symlink('/dev/null', path));
      call.system.changed();
      call.io.err(`Created symlink ${path} → /dev/null.\n`);
    }
    return 0;
  },
  unmask: async (call, names) => {
    for (const name of names) {
      const path = `/etc/systemd/system/${name}`;
      if ((await call.files.readLink(path).catch(() => undefined)) !== '/dev/null') continue;
      await call.files.remove(path);
      call.io.err(`Removed ${path}.\n`);
    }
    return 0;
  },
  start: eachUnit((call, unit) => start(call, unit)),
  restart: eachUnit((call, unit) => start(call, unit)),
  reload: eachUnit(async () => Promise.resolve(0)),
  'reload-or-restart': eachUnit((call, unit) =>
    isActive(call, unit) ? Promise.resolve(0) : start(call, unit),
  ),
  'try-restart': eachUnit((call, unit) => (isActive(call, unit) ? start(call, unit) : Promise.resolve(0))),
  'try-reload-or-restart': eachUnit(async () => Promise.resolve(0)),
  stop: eachUnit(async (call, unit) => {
    call.system.activeUnits.delete(unit.name);
    return Promise.resolve(0);
  }),
  'is-enabled': async (call, names) => {
    let status = 0;
    for (const name of names) {
      const state = await call.system.privileged((root) => unitState(root, name));
      if (state === 'not-found')
        call.io.err(`Failed to get unit file state for ${name}: No such file or directory\n`);
      else call.io.out(`${state}\n`);
      if (state !== 'enabled' && state !== 'static') status = 1;
    }
    return status;
  },
  'is-active': async (call, names) => {
    const states = names.map((name) => (call.system.activeUnits.has(name) ? 'active' : 'inactive'));
    call.io.out(states.map((state) => `${state}\n`).join(''));
    return Promise.resolve(states.includes('active') ? 0 : 3);
  },
  'is-system-running': async (call) => {
    call.io.out('running\n');
    return Promise.resolve(0);
  },
  status: async (call, names) => {
    let status = 0;
    for (const name of names) {
      const [unit, state] = await call.system.privileged(
        async (root) => [await findUnit(root, name), await unitState(root, name)] as const,
      );
      if (unit === undefined) {
        call.io.err(`Unit ${name} could not be found.\n`);
        return 4;
      }
      const active = call.system.activeUnits.has(name);
      call.io.out(`${active ? '●' : '○'} ${name} - ${unitValue(unit.text, 'Unit', 'Description') ?? name}\n`);
      call.io.out(
        `     Loaded: loaded (${unit.path}; ${state})\n     Active: ${active ? 'active (running)' : 'inactive (dead)'}\n`,
      );
      if (!active) status = 3;
    }
    return status;
  },
  'daemon-reload': async () => Promise.resolve(0),
  reboot: async ({ system }) => {
    system.reboot();
    return Promise.resolve(0);
  },
  poweroff: async ({ system }) => {
    system.powerOff();
    return Promise.resolve(0);
  },
};

function eachUnit(run: (call: CommandCall, unit: UnitFile, now: boolean) => Promise<number>): Verb {
  return async (call, names, now) => {
    let status = 0;
    for (const name of names) {
      const [unit, state] = await call.system.privileged(
        async (root) => [await findUnit(root, name), await unitState(root, name)] as const,
      );
      if (unit === undefined || state === 'masked') {
        const why = state === 'masked' ? `Unit ${name} is masked.` : `Unit ${name} could not be found.`;
        call.io.err(`Failed: ${why}\n`);
        status = state === 'masked' ? 1 : 5;
        continue;
      }
      status = (await run(call, unit, now)) || status;
    }
    return status;
  };
}

/** Starts a unit: the program of a oneshot runs to its end, any other one is taken to run. */
async function start(call: CommandCall, unit: UnitFile): Promise<number> {
  const program = unitValue(unit.text, 'Service', 'ExecStart')?.replace(/^[-@:+!]+/, '');
  if (program !== undefined && unitValue(unit.text, 'Service', 'Type') === 'oneshot') {
    const status = await call.shell.fork().run(program, call.io);
    if (status !== 0) {
      call.io.err(`Job for ${unit.name} failed because the control process exited with error code.\n`);
      return 1;
    }
    if (unitValue(unit.text, 'Service', 'RemainAfterExit') !== 'yes') return 0;
  } else if (program !== undefined) {
    const file = program.split(/\s+/)[0] ?? '';
    if (!(await call.files.exists(file))) {
      call.io.err(`Job for ${unit.name} failed: ${file} does not exist.\n`);
      return 1;
    }
  }
  call.system.activeUnits.add(unit.name);
  return 0;
}
