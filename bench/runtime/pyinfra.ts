import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { timeProgram } from '../stopwatch.js';
import { scenarioFile } from './scenario-file.js';
import type { BenchServer } from './ssh-server.js';

/** pyinfra, with an inventory of servers of the benchmark. */
export class Pyinfra {
  private constructor(
    private readonly directory: string,
    private readonly inventory: string,
  ) {}

  /** @param directory - where its files are written */
  static async with(directory: string, servers: readonly BenchServer[]): Promise<Pyinfra> {
    const inventory = path.join(directory, 'pyinfra_inventory.py');
    const hosts = servers.map(({ target, keyFile, knownHostsFile, nodeRoot }, index) => [
      `node${index}`,
      {
        ssh_hostname: target.host,
        ssh_port: target.port,
        ssh_user: target.username,
        ssh_key: keyFile,
        ssh_known_hosts_file: knownHostsFile,
        root: nodeRoot,
      },
    ]);
    await writeFile(
      inventory,
      `import json\nnodes = [tuple(host) for host in json.loads(${JSON.stringify(JSON.stringify(hosts))})]\n`,
    );
    return new Pyinfra(directory, inventory);
  }

  /** Runs short commands on the only server, one after the other. @returns seconds, without start and connection */
  async commands(count: number): Promise<number> {
    const seconds = path.join(this.directory, 'pyinfra-seconds');
    const env = { BENCH_COMMANDS: String(count), BENCH_SECONDS: seconds };
    await execa('pyinfra', ['-y', this.inventory, scenarioFile('pyinfra_commands.py')], {
      ...{ env, cwd: this.directory, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' },
    });
    return Number(await readFile(seconds, 'utf8'));
  }

  /** @returns seconds of the whole program */
  scenario(source: string, template: string): Promise<number> {
    const env = ['env', `SCENARIO_SOURCE=${source}`, `SCENARIO_TEMPLATE=${template}`] as const;
    const [program, ...parameters] = [...env, 'pyinfra', '-y', this.inventory];
    return timeProgram(program, [...parameters, scenarioFile('pyinfra_scenario.py')], { quiet: true });
  }
}
