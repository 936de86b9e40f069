import { randomBytes } from 'node:crypto';
import { rm, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { timeProgram } from '../stopwatch.js';
import { Pyinfra } from './pyinfra.js';
import type { Race } from './race.js';
import { scenarioFile } from './scenario-file.js';
import type { BenchServer } from './ssh-server.js';

const COPIED_BYTES = 64 * 1024;

/**
 * Thirty mixed actions on each of several nodes (servers on this computer), which have nothing of it yet: with our
 * actions, with pyinfra, and with Ansible with pipelining. Whole programs, from their start to their end.
 *
 * @param directory - where its files are written
 */
export async function scenarioRace(directory: string, servers: readonly BenchServer[]): Promise<Race> {
  const at = (name: string): string => path.join(directory, name);
  const [source, template] = [at('scenario-source'), scenarioFile('scenario.tmpl')];
  await writeFile(source, randomBytes(COPIED_BYTES));
  const keyFile = servers[0]?.keyFile ?? '';
  const nodes = servers.map(({ target: { host, port, username, hostKeys }, nodeRoot }) => ({
    target: { host, port, username, hostKeys },
    root: nodeRoot,
  }));
  await writeFile(at('scenario.json'), JSON.stringify({ nodes, keyFile, source, template }));
  await writeFile(at('ansible.cfg'), ANSIBLE);
  await writeFile(
    at('ansible-inventory'),
    servers.map((server, index) => inventoryLine(server, index)).join(''),
  );
  const pyinfra = await Pyinfra.with(directory, servers);
  const playbook = [
    ...[`ANSIBLE_CONFIG=${at('ansible.cfg')}`, `HOME=${directory}`],
    ...['ansible-playbook', '-i', at('ansible-inventory'), '-e', `source=${source} template=${template}`],
    scenarioFile('ansible-scenario.yml'),
  ];
  const fresh = async (run: () => Promise<number>): Promise<number> => {
    for (const { nodeRoot } of servers) {
      await rm(nodeRoot, { recursive: true, force: true });
      await mkdir(nodeRoot);
    }
    return run();
  };
  const ours = fileURLToPath(new URL('./scenario/run-scenario.js', import.meta.url));
  return {
    ours: () => fresh(() => timeProgram(process.execPath, [ours, at('scenario.json')])),
    pyinfra: () => fresh(() => pyinfra.scenario(source, template)),
    'ansible, pipelining': () => fresh(() => timeProgram('env', playbook, { quiet: true })),
  };
}

const ANSIBLE = `[defaults]
forks = 5
host_key_checking = True
interpreter_python = /usr/bin/python3
[ssh_connection]
pipelining = True
ssh_args = -F none -o ControlMaster=auto -o ControlPersist=60s
`;

function inventoryLine({ target, keyFile, knownHostsFile, nodeRoot }: BenchServer, index: number): string {
  const { host, port, username } = target;
  const settings = [
    `ansible_host=${host} ansible_port=${port ?? 22} ansible_user=${username}`,
    `ansible_ssh_private_key_file=${keyFile}`,
    `ansible_ssh_extra_args='-o UserKnownHostsFile=${knownHostsFile} -o IdentitiesOnly=yes'`,
    `root=${nodeRoot}`,
  ];
  return `node${index} ${settings.join(' ')}\n`;
}
