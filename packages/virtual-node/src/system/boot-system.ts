import { cloudInitFinished, startedLine } from '../console/boot-log.js';
import { ConsoleLogin } from '../console/console-login.js';
import { NODE_COMMANDS } from '../command/node-commands.js';
import type { FlashedDisk } from '../disk/flashed-disk.js';
import { type CloudInitOutcome, runCloudInit } from '../first-boot/cloud-init.js';
import { readHostKeys } from '../first-boot/host-keys.js';
import { runRaspberryPiFirstBoot } from '../first-boot/raspberry-pi-os.js';
import { ShellSession } from '../shell/shell-session.js';
import { BufferedInput } from '../shell/standard-input.js';
import type { NodePort } from '../ssh/node-port.js';
import { SshService } from '../ssh/ssh-service.js';
import { configuredAddresses } from './configured-addresses.js';
import { ROOT } from './identity.js';
import { RunningSystem } from './running-system.js';
import { startsSshServer } from './ssh-server-settings.js';
import { enabledUnits, findUnit, unitValue } from './unit-files.js';
import type { WorkQueue } from './work-queue.js';

/** What a boot is given. */
export interface BootRequest {
  readonly boardType: string;
  readonly moduleSerial?: string | undefined;
  readonly disk: FlashedDisk;
  readonly queue: WorkQueue;
  /** Fires when the system goes down, for whatever reason. */
  readonly signal: AbortSignal;
  readonly print: (text: string) => void;
  readonly goDown: (how: 'reboot' | 'power-off') => void;
}

/** A system that has booted. */
export interface BootedSystem {
  readonly running: RunningSystem;
  readonly console: ConsoleLogin;
  /** Opens the network and shows the login prompt. */
  goUp(port: NodePort): Promise<void>;
}

/** Boots the system on a disk: first-boot work, units, SSH server. What it writes is held, not committed. */
export async function bootSystem(request: BootRequest): Promise<BootedSystem> {
  const { disk, queue, signal, print } = request;
  const { root } = disk;
  const log = (line: string): void => print(`${line}\r\n`);
  const boot = disk.bootPartitions.find(({ label }) =>
    ['bootfs', 'boot', 'system-boot'].includes(label),
  )?.files;
  const { cloudInit, raspberryPi, addresses, units } = await queue.run(async () => {
    const pi = await runRaspberryPiFirstBoot(root, boot);
    const cloud = await runCloudInit(root, disk.bootPartitions);
    return {
      raspberryPi: pi,
      cloudInit: cloud,
      addresses: await configuredAddresses(root),
      units: await enabledUnits(root),
    };
  });
  for (const line of raspberryPi.log) log(`[  OK  ] ${line}.`);
  const running = new RunningSystem({
    boardType: request.boardType,
    moduleSerial: request.moduleSerial,
    disk,
    queue,
    signal,
    cloudInit,
    addresses,
    activeUnits: new Set(units),
    log,
    goDown: request.goDown,
  });
  for (const name of units) await startUnit(running, name);
  await carryOut(running, cloudInit);
  running.bootEnded();
  logCloudInit(cloudInit, log);
  const console = new ConsoleLogin(running, print);
  return {
    running,
    console,
    goUp: async (port) => {
      const [keys, wanted, issue] = await running.privileged(async () => [
        await readHostKeys(root),
        raspberryPi.startsSsh || (await startsSshServer(root)),
        (await root.readText('/etc/os-release')) ?? '',
      ]);
      for (const { address, file } of addresses) log(`eth0: ${address} (${file})`);
      if (addresses.length === 0) log('eth0: no static address is configured');
      if (!wanted) log('[virtual board] sshd is not enabled in this image: nothing answers on the network');
      else if (keys.length === 0) log('sshd: no hostkeys available -- exiting.');
      else if (!signal.aborted) {
        const service = new SshService(running, keys);
        port.answer((socket) => service.accept(socket));
        log(startedLine('OpenBSD Secure Shell server'));
      }
      log('[  OK  ] Reached target Multi-User System.');
      const name = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(issue)?.[1] ?? 'Linux';
      console.serve(name).catch(() => undefined); // ends with the system
    },
  };
}

/** Starts a unit at boot. Programs are not run, except for oneshot scripts that were put into /etc/systemd/system. */
async function startUnit(system: RunningSystem, name: string): Promise<void> {
  const unit = await system.privileged((root) => findUnit(root, name));
  if (unit === undefined) return;
  const description = unitValue(unit.text, 'Unit', 'Description') ?? name;
  const ours =
    unit.path.startsWith('/etc/systemd/system/') && unitValue(unit.text, 'Service', 'Type') === 'oneshot';
  if (!ours) {
    system.log(startedLine(description));
    return;
  }
  const condition = unitValue(unit.text, 'Unit', 'ConditionPathExists');
  if (condition !== undefined) {
    const wanted = !condition.startsWith('!');
    const present = await system.privileged((root) => root.exists(condition.replace(/^!/, '')));
    if (present !== wanted) return;
  }
  const program = unitValue(unit.text, 'Service', 'ExecStart')?.replace(/^[-@:+!]+/, '') ?? 'false';
  const status = await runAsRoot(system, program);
  system.log(status === 0 ? `[  OK  ] Finished ${description}.` : `[FAILED] Failed to start ${description}.`);
  if (status !== 0) system.activeUnits.delete(name);
}

async function carryOut(system: RunningSystem, { commands }: CloudInitOutcome): Promise<void> {
  for (const command of commands)
    if (typeof command === 'string') await runAsRoot(system, command);
    else await new ShellSession(system, ROOT, NODE_COMMANDS).runProgram(command, consoleIo(system));
}

function runAsRoot(system: RunningSystem, line: string): Promise<number> {
  return new ShellSession(system, ROOT, NODE_COMMANDS).run(line, consoleIo(system));
}

function consoleIo(system: RunningSystem): {
  input: BufferedInput;
  out: (data: string | Uint8Array) => void;
  err: (data: string | Uint8Array) => void;
} {
  const print = (data: string | Uint8Array): void => {
    const text = Buffer.from(data as string)
      .toString('utf8')
      .replace(/\n$/, '');
    for (const line of text.split('\n')) system.log(line);
  };
  return { input: new BufferedInput(Buffer.alloc(0)), out: print, err: print };
}

function logCloudInit({ status, detail }: CloudInitOutcome, log: (line: string) => void): void {
  if (status === 'done') log(cloudInitFinished(detail, 12.34));
  else if (status === 'error') log(`[   12.340000] cloud-init: ERROR: ${detail}`);
  else log(`cloud-init: ${detail}`);
}
