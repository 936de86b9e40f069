import { RuntimeError, type SshRuntime, type SshSession } from '@turingpi/runtime';
import { type Context, definePlugin, type TuringPi, type TuringPiConfig } from '@turingpi/core/plugin';
import { Node1 } from '@turingpi/foundation';
import {
  installationStep,
  sampleCluster,
  SampleBoard,
  SampleOs,
} from '../../../core/src/cluster/sample-cluster.fixture.js';
import type { PostInstallAction } from '../action/post-install-action.js';
import type { BoardDriver } from '../board/board-driver.js';
import type { OperatingSystem } from '../os/operating-system.js';
import { provisioningPlugin } from '../provisioning-plugin.js';
import { SSH_RUNTIME } from '../services/tokens.js';
import { previewOnNode } from './on-node.js';
import type { PreviewedAction } from './previewed-action.js';
import { postInstallerOf } from './post-installer.js';
import type { PostInstallCallback } from './post-install-callback.js';

const ENDED = { exitCode: 0, stdout: '', stderr: '', signal: undefined, truncated: false };
/** With which the node is logged in to. */
export const PASSWORD = 'correct-horse';

/** A node that is installed, and a system without anything of its own: what is done on it is kept, no more. */
export class InstalledNode {
  /** Commands as they were run on it; `connected` for each connection. */
  readonly done: string[] = [];
  /** What people were told meanwhile. */
  readonly told: string[] = [];
  readonly #directory: string;

  private constructor(
    directory: string,
    private readonly actions: readonly PostInstallAction[],
    private readonly config: Partial<TuringPiConfig>,
  ) {
    this.#directory = directory;
  }

  /**
   * @param actions - what a plugin called `installed` brings
   * @param config - of the programs that work on it
   */
  static async make(
    actions: readonly PostInstallAction[] = [],
    config: Partial<TuringPiConfig> = {},
  ): Promise<InstalledNode> {
    const { cluster, directory } = await sampleCluster();
    await cluster.run(async (context: Context) => {
      await context.runPhase(installationStep());
    })(Node1);
    return new InstalledNode(directory, actions, config);
  }

  /** A program of its own, which only does this. @returns Whether the phase was begun. */
  async configure(callback: PostInstallCallback): Promise<boolean> {
    const cluster = await this.#open();
    let begun = false;
    cluster.subscribe((event) => {
      begun ||= event.type === 'phase:started';
      if (event.type === 'phase:progress') this.told.push(event.progress.note ?? '');
    });
    await cluster.run((context: Context) => postInstallerOf('ubuntu').runActions(context, callback))(Node1);
    return begun;
  }

  /** What the actions of a callback would do. */
  async preview(callback: PostInstallCallback): Promise<readonly PreviewedAction[]> {
    const cluster = await this.#open();
    return cluster.run((context: Context) => previewOnNode(context, callback))(Node1);
  }

  async #open(): Promise<TuringPi> {
    const plugin = definePlugin({
      name: 'installed',
      requires: [provisioningPlugin],
      os: [SampleOs as unknown as new () => OperatingSystem],
      boards: [SampleBoard as unknown as new () => BoardDriver],
      services: [{ token: SSH_RUNTIME, useValue: this.#ssh() }],
      actions: this.actions,
    });
    const config = { plugins: [plugin], ssh: { password: PASSWORD }, ...this.config };
    return (await sampleCluster(config, { directory: this.#directory })).cluster;
  }

  #ssh(): SshRuntime {
    const session: Partial<SshSession> = {
      closed: new Promise(() => undefined),
      exec: (command) => {
        const line = typeof command === 'string' ? command : command.join(' ');
        this.done.push(line);
        return line === 'false'
          ? Promise.reject(new RuntimeError('COMMAND_FAILED', 'false ended with 1'))
          : Promise.resolve({ ...ENDED, stdout: `${line}: ${PASSWORD}` });
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const waitFor = (): Promise<SshSession> => {
      this.done.push('connected');
      return Promise.resolve(session as SshSession);
    };
    return { waitFor } as Partial<SshRuntime> as SshRuntime;
  }
}
