import type { FleetFolder, FleetProcess, Line } from '../../fleet/fleet-folder.js';

/** A computer of a site, with the agent that runs there. */
export interface AgentComputer {
  readonly name: string;
  readonly site: string;
  readonly folder: FleetFolder;
  agent: FleetProcess | undefined;
}

/** What an agent said, and where. */
export type SaidLine = Line & { readonly computer: string };

/** The agents of a fleet, on computers of their own. */
export class LabAgents {
  /** What they said of their steps, in order. */
  readonly said: SaidLine[] = [];
  /** All that there were. */
  readonly processes: FleetProcess[] = [];
  readonly #listeners = new Set<(line: Line, computer: AgentComputer) => void>();

  /** Resolves when it serves its site. */
  async start(computer: AgentComputer): Promise<void> {
    const agent = computer.folder.begin(['agent', '--site', computer.site]);
    computer.agent = agent;
    this.processes.push(agent);
    agent.hear = (line) => {
      this.said.push({ ...line, computer: computer.name });
      for (const hear of this.#listeners) hear(line, computer);
    };
    const { agent: name } = await agent.line(({ type }) => type === 'agent:ready');
    if (name !== computer.name) throw new Error(`the agent of ${computer.name} calls itself ${String(name)}`);
  }

  /** Kills one, and starts one on its computer anew. */
  async kill(computer: AgentComputer): Promise<void> {
    await computer.agent?.end('SIGKILL');
    await this.start(computer);
  }

  /** Resolves with the computer whose agent says what is meant, once it says so. */
  when(isMeant: (line: Line) => boolean): Promise<AgentComputer> {
    return new Promise((resolve) => {
      const hear = (line: Line, computer: AgentComputer) => {
        if (!isMeant(line)) return;
        this.#listeners.delete(hear);
        resolve(computer);
      };
      this.#listeners.add(hear);
    });
  }
}
