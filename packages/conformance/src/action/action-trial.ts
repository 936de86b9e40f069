import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type Context,
  createTuringPi,
  definePlugin,
  type InstalledNode,
  type JsonValue,
  type TuringPi,
} from '@turingpi/core/plugin';
import { Node1 } from '@turingpi/foundation';
import provisioningPlugin, {
  type BoardDriver,
  LOCAL_RUNTIME,
  type OperatingSystem,
  postInstallerOf,
  SSH_RUNTIME,
} from '@turingpi/provisioning';
import type { ActionSubject } from './action-subject.js';
import { SimulatedNode } from './simulated-node.js';

/** What is known to be secret: it is in everything that the node says. */
export const KNOWN_SECRET = 'the-password-of-the-case';

const INSTALLED: InstalledNode = {
  installationId: 'installation-of-the-case',
  imageSha256: '0'.repeat(64),
  os: 'any',
  ipAddress: '10.0.0.11',
  hostname: 'node1',
  hostKeys: [],
  username: 'user',
  strategy: 'none',
};

/** A folder with the state of a node that is installed, for programs that only run an action on it. */
export class ActionTrial implements AsyncDisposable {
  readonly node: SimulatedNode;

  private constructor(
    readonly directory: string,
    private readonly subject: ActionSubject,
  ) {
    this.node = new SimulatedNode(KNOWN_SECRET, subject.answer);
  }

  static async open(subject: ActionSubject): Promise<ActionTrial> {
    const trial = new ActionTrial(await mkdtemp(join(tmpdir(), 'turingpi-action-')), subject);
    for (const [name, content] of Object.entries(subject.files ?? {})) {
      await mkdir(dirname(join(trial.directory, name)), { recursive: true });
      await writeFile(join(trial.directory, name), content);
    }
    await using cluster = await trial.cluster();
    await cluster.run(async (context: Context) => {
      await context.runPhase({
        id: 'os_installation',
        inputs: {},
        stands: () => Promise.resolve(true),
        run: async ({ permit }) => {
          await permit?.begin(permit.erasure);
          return INSTALLED;
        },
      });
    })(Node1);
    return trial;
  }

  /**
   * A program of its own that does the action once.
   *
   * @returns Its result, and what was asked of the node and of this computer meanwhile.
   */
  async perform(
    input: unknown,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<{ readonly result: JsonValue | undefined; readonly asked: readonly string[] }> {
    await using cluster = await this.cluster();
    const before = this.node.asked.length;
    let result: JsonValue | undefined;
    await cluster.run((context: Context) =>
      postInstallerOf('any').runActions(context, async (_local, _remote, perform) => {
        result = await perform(this.subject.id, input, this.directory);
      }),
    )(Node1, { signal });
    return { result, asked: this.node.asked.slice(before) };
  }

  /** A fresh cluster over the same state. */
  cluster(workflow?: object): Promise<TuringPi> {
    // Named in the configuration, and asked to do nothing.
    const board = { id: 'any', title: 'a board', strategies: [] } as unknown as BoardDriver;
    const os = { id: 'any', title: 'a system', access: 'ssh' } as unknown as OperatingSystem;
    const plugin = definePlugin({
      name: 'conformance',
      requires: [provisioningPlugin],
      boards: [board],
      os: [os],
      services: [
        { token: SSH_RUNTIME, useValue: this.node.ssh },
        { token: LOCAL_RUNTIME, useValue: this.node.local },
      ],
    });
    return createTuringPi(
      {
        ip: '10.0.0.2',
        cacheDir: this.directory,
        node1: { ip: '10.0.0.11', board: 'any', os: 'any' },
        ssh: { password: KNOWN_SECRET },
        plugins: [plugin, this.subject.plugin], // of two services under one token the first plugin's is taken
        ...(workflow && { workflow }),
      },
      { baseDir: this.directory, approve: 'all', environment: {} },
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}
