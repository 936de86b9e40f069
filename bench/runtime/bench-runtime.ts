import { randomFillSync } from 'node:crypto';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { withCleanup } from '@turingpi/foundation';
import { connectSsh, generateKeyPair, type SshSession } from '@turingpi/runtime';
import { execa } from 'execa';
import { assertPrograms } from '../assert-programs.js';
import { timed, timeProgram } from '../stopwatch.js';
import { Pyinfra } from './pyinfra.js';
import { race, type Race, type RaceResult, ratio } from './race.js';
import { scenarioRace } from './scenario-race.js';
import { BenchServer } from './ssh-server.js';

const PURPOSE = 'the benchmark of the runtime';
const COMMANDS = 1_000;
const UPLOAD_BYTES = 500_000_000;
const SMALL_FILES = 2_000;
const NODES = 5;
const CIPHER = 'aes128-gcm@openssh.com';

/**
 * Measures the SSH runtime against OpenSSH's own programs, pyinfra and Ansible, on servers of OpenSSH on this computer.
 *
 * @returns ratios theirs / ours, the median of the rounds.
 */
export async function benchRuntime(print: (line: string) => void): Promise<Readonly<Record<string, number>>> {
  await assertPrograms(['ssh', 'scp', 'tar'], PURPOSE);
  await assertPrograms(
    ['pyinfra', 'ansible-playbook'],
    PURPOSE,
    'python3 -m venv VENV; VENV/bin/pip install pyinfra ansible-core; then with VENV/bin in PATH',
  );
  await using server = await BenchServer.start();
  await using session = await connectSsh(server.target, { signal: new AbortController().signal });
  await session.exec(['true']);

  const commands = await race(print, `${COMMANDS} commands`, await commandRace(server, session));
  const upload = await race(print, `${UPLOAD_BYTES / 1e6} MB upload`, await uploadRace(server, session));
  const files = await race(print, `${SMALL_FILES} small files`, await directoryRace(server, session));
  // Where all of this takes a while, the master has ended by itself.
  const leave = [...server.options, '-O', 'exit', '-o', `ControlPath=${controlPath(server)}`, server.place];
  await execa('ssh', leave, { reject: false });
  const scenario = await raceOnNodes(print);
  return {
    command_ratio_openssh: ratio(commands, 'ssh, ControlMaster'),
    command_ratio_pyinfra: ratio(commands, 'pyinfra'),
    upload_ratio: ratio(upload, 'scp'),
    upload_ratio_same_cipher: ratio(upload, `scp -c ${CIPHER}`),
    small_files_ratio: ratio(files, 'scp -r'),
    small_files_ratio_tar: ratio(files, 'tar | ssh'),
    scenario_pyinfra_ratio: ratio(scenario, 'pyinfra'),
    scenario_ansible_ratio: ratio(scenario, 'ansible, pipelining'),
  };
}

async function raceOnNodes(print: (line: string) => void): Promise<RaceResult> {
  const key = await generateKeyPair('ed25519'); // the same at all nodes, as it is with users
  return withCleanup(
    async (cleanup) => {
      const nodes: BenchServer[] = [];
      for (let count = 0; count < NODES; count += 1)
        nodes.push(cleanup.use('server', await BenchServer.start(key)));
      const [{ directory } = { directory: '' }] = nodes;
      return race(print, `30 actions on ${NODES} nodes`, await scenarioRace(directory, nodes));
    },
    (error) => print(`a server was not ended: ${String(error)}`),
  );
}

function controlPath(server: BenchServer): string {
  return path.join(server.directory, 'control');
}

async function commandRace(server: BenchServer, session: SshSession): Promise<Race> {
  const master = [
    '-o',
    'ControlMaster=auto',
    '-o',
    'ControlPersist=60',
    '-o',
    `ControlPath=${controlPath(server)}`,
  ];
  const ssh = ['ssh', ...server.options, ...master, server.place, 'true'];
  // The master connects, and stays with whatever streams it is given.
  await execa('ssh', ssh.slice(1), { stdio: 'ignore' });
  const pyinfra = await Pyinfra.with(server.directory, [server]);
  const loop = `i=0; while [ $i -lt ${COMMANDS} ]; do "$@" || exit 1; i=$((i + 1)); done`;
  return {
    ours: async () => {
      const { seconds } = await timed(async () => {
        for (let count = 0; count < COMMANDS; count += 1) await session.exec(['true']);
      });
      return seconds;
    },
    'ssh, ControlMaster': () => timeProgram('sh', ['-c', loop, 'sh', ...ssh]),
    pyinfra: () => pyinfra.commands(COMMANDS),
  };
}

async function uploadRace(server: BenchServer, session: SshSession): Promise<Race> {
  const source = path.join(server.directory, 'source');
  const arrived = path.join(server.directory, 'arrived');
  const file = await open(source, 'w');
  const piece = Buffer.alloc(4_000_000);
  for (let written = 0; written < UPLOAD_BYTES; written += piece.length)
    await file.write(randomFillSync(piece), 0, Math.min(piece.length, UPLOAD_BYTES - written));
  await file.close();
  const fresh = async (send: () => Promise<number>): Promise<number> => {
    await rm(arrived, { force: true });
    return send();
  };
  const scp = (...more: string[]): Promise<number> =>
    timeProgram('scp', ['-q', ...server.options, ...more, source, `${server.place}:${arrived}`]);
  return {
    ours: () => fresh(async () => (await timed(() => session.upload(source, arrived))).seconds),
    scp: () => fresh(() => scp()),
    [`scp -c ${CIPHER}`]: () => fresh(() => scp('-c', CIPHER)),
  };
}

async function directoryRace(server: BenchServer, session: SshSession): Promise<Race> {
  const source = path.join(server.directory, 'tree');
  const arrived = path.join(server.directory, 'tree-arrived');
  for (let index = 0; index < SMALL_FILES; index += 1) {
    const directory = path.join(source, String(index % 20));
    if (index < 20) await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, `file-${index}`), Buffer.alloc(1000 + index, index));
  }
  const fresh = async (send: () => Promise<number>): Promise<number> => {
    await rm(arrived, { recursive: true, force: true });
    return send();
  };
  const remote = `mkdir -p ${arrived} && tar -xf - -C ${arrived}`;
  const pipe = `tar -cf - -C "$1" . | { shift; "$@"; }`;
  const ssh = ['ssh', ...server.options, server.place, remote];
  return {
    ours: () => fresh(async () => (await timed(() => session.copyDirectory(source, arrived))).seconds),
    'scp -r': () =>
      fresh(() => timeProgram('scp', ['-q', '-r', ...server.options, source, `${server.place}:${arrived}`])),
    'tar | ssh': () => fresh(() => timeProgram('sh', ['-c', pipe, 'sh', source, ...ssh])),
  };
}
