import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { TuringPiConfig } from '../config/config-input.js';
import type { TuringPiEvent } from '../event/event.js';
import type { JournaledPhaseStep, PhaseStep } from '../phase/phase-step.js';
import type { CustomizedImage, InstalledNode } from '../phase/phase.js';
import { definePlugin, type Plugin } from '../plugin/define-plugin.js';
import { defineExtensionPoint } from '../plugin/extension-point.js';

import type { StateDocument } from '../state/state-document.js';
import { createTuringPi, type CreateTuringPiOptions } from './create-turing-pi.js';
import type { TuringPi } from './turing-pi.js';

/** A directory that is removed when the test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'turingpi-core-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** What a promise rejects with; fails the test when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('expected a rejection');
}

export class SampleBoard {
  readonly id: string = 'rk1';
  readonly title = 'Sample board';
}
export class SampleOs {
  readonly id: string = 'ubuntu';
  readonly title = 'Sample system';
  readonly access: string = 'ssh';
}

export const SAMPLE_BOARDS = defineExtensionPoint<SampleBoard>({
  key: 'boards',
  title: 'board',
  nodeKey: 'board',
});
export const SAMPLE_SYSTEMS = defineExtensionPoint<SampleOs>({
  key: 'os',
  title: 'operating system',
  nodeKey: 'os',
});

/** A plugin of core alone: what it contributes is only ever named, never asked to do anything. */
export function contributingPlugin(
  name: string,
  contributions: { readonly boards?: readonly unknown[]; readonly os?: readonly unknown[] },
): Plugin {
  const points = { extensionPoints: [SAMPLE_BOARDS, SAMPLE_SYSTEMS] };
  return definePlugin({ name, ...points, ...(contributions as object) });
}

export const samplePlugin = contributingPlugin('sample', { os: [SampleOs], boards: [SampleBoard] });

export interface SampleCluster {
  readonly cluster: TuringPi;
  readonly events: TuringPiEvent[];
  readonly directory: string;
  state(): Promise<StateDocument>;
}

/** A cluster of two nodes with its own cache directory and everything that it tells. */
export async function sampleCluster(
  config: Partial<TuringPiConfig> = {},
  options: CreateTuringPiOptions & { readonly directory?: string } = {},
): Promise<SampleCluster> {
  const directory = options.directory ?? (await temporaryDirectory());
  const cluster = await createTuringPi(
    {
      ip: '10.0.0.2',
      node1: { ip: '10.0.0.11', board: 'rk1' },
      node2: { ip: '10.0.0.12', board: 'rk1' },
      cacheDir: directory,
      plugins: [samplePlugin],
      ...config,
    },
    { approve: 'all', ...options },
  );
  const events: TuringPiEvent[] = [];
  cluster.subscribe((event) => events.push(event));
  const state = async () => JSON.parse(await readFile(cluster.stateFile, 'utf8')) as StateDocument;
  return { cluster, events, directory, state };
}

export const SAMPLE_IMAGE: CustomizedImage = {
  path: '/cache/node1.img.xz',
  format: 'xz',
  sizeBytes: 10,
  sha256: 'aa'.repeat(32),
  rawSizeBytes: 100,
  os: 'ubuntu',
  hostname: 'turingpi-node1',
  hostKeys: [],
  facts: {},
};
export const SAMPLE_INSTALLATION: InstalledNode = {
  installationId: 'installation-1',
  imageSha256: SAMPLE_IMAGE.sha256,
  os: 'ubuntu',
  ipAddress: '10.0.0.11',
  hostname: 'turingpi-node1',
  hostKeys: [],
  username: 'ubuntu',
  strategy: 'flash',
};

export function imageStep(
  step: Partial<PhaseStep<'image_customization'>> = {},
): PhaseStep<'image_customization'> {
  return {
    id: 'image_customization',
    resources: ['image-work'],
    inputs: { base: 'image' },
    stands: async () => true,
    run: async () => SAMPLE_IMAGE,
    ...step,
  };
}

export function installationStep(
  step: Partial<PhaseStep<'os_installation'>> = {},
): PhaseStep<'os_installation'> {
  return {
    id: 'os_installation',
    inputs: { image: SAMPLE_IMAGE.sha256 },
    stands: async () => true,
    run: async ({ permit }) => {
      await permit?.begin(permit.erasure);
      return SAMPLE_INSTALLATION;
    },
    ...step,
  };
}

/** A post-install phase that does named actions and notes in `done` which ones were really done. */
export function actionsStep(
  actions: readonly string[],
  done: string[],
  step: Partial<JournaledPhaseStep> = {},
): JournaledPhaseStep {
  return {
    id: 'post_installation',
    inputs: {},
    installationId: SAMPLE_INSTALLATION.installationId,
    run: async (_environment, journal) => {
      for (const action of actions)
        await journal.perform('remote.runCommand', { action }, async () => {
          done.push(action);
          return { action };
        });
    },
    ...step,
  };
}
