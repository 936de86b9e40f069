import { onTestFinished, vi } from 'vitest';
import { SAMPLE_IMAGE, SAMPLE_INSTALLATION } from '../../../core/src/cluster/sample-cluster.fixture.js';
import { ImageBuilder } from '../image/image-builder.js';
import { OsInstaller } from '../installation/os-installer.js';
import { PostInstaller } from '../post-install/post-installer.js';
import type { OperatingSystem } from '../os/operating-system.js';

/** What builders were told: the method and its argument, in order. */
export type BuilderCall = readonly [method: string, argument: unknown];

/** A system whose builders do nothing but keep what they were told. */
export function recordingOs(calls: BuilderCall[]): new () => OperatingSystem {
  record(calls, ImageBuilder.prototype, SAMPLE_IMAGE, [
    ...['withBaseImage', 'withNetworkConfig', 'withCredentials', 'withPreInstall', 'withForce'],
    'requireRoot',
  ]);
  record(calls, OsInstaller.prototype, SAMPLE_INSTALLATION, ['usingImage', 'withGenericConfig']);
  vi.spyOn(PostInstaller.prototype, 'runActions').mockImplementation(async (_context, callback) => {
    const performed: [string, unknown][] = [];
    const nothing = {} as never; // a declared workflow does everything by its id
    await callback(nothing, nothing, (action, input) => {
      performed.push([action, input]);
      return Promise.resolve(true);
    });
    calls.push(['performed', performed]);
    return { installationId: SAMPLE_INSTALLATION.installationId, actions: performed.length };
  });
  class RecordingOs {
    readonly id = 'ubuntu';
    readonly title = 'Recording system';
    readonly access = 'ssh';
  }
  return RecordingOs as unknown as new () => OperatingSystem;
}

function record(calls: BuilderCall[], builder: object, result: object, methods: readonly string[]): void {
  const told = builder as Record<string, (argument: unknown) => unknown>;
  for (const method of methods)
    vi.spyOn(told, method).mockImplementation(function (this: unknown, argument: unknown) {
      calls.push([method, argument]);
      return this;
    });
  vi.spyOn(told, 'run').mockImplementation(function (this: { options?: unknown }) {
    if (this.options !== undefined) calls.push(['osInstaller', this.options]);
    return Promise.resolve(result);
  });
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
}
