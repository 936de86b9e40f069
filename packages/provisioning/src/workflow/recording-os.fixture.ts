import { SAMPLE_IMAGE, SAMPLE_INSTALLATION } from '../../../core/src/cluster/sample-cluster.fixture.js';
import type { OsDriver } from '../os/os-driver.js';

/** What builders were told: the method and its argument, in order. */
export type BuilderCall = readonly [method: string, argument: unknown];

/** A system whose builders do nothing but keep what they were told. */
export function recordingOs(calls: BuilderCall[]): new () => OsDriver {
  const recorder = (result: object): object => {
    const builder = new Proxy(
      {},
      {
        get: (_target, method: string) =>
          method === 'run' || method === 'runActions'
            ? () => Promise.resolve(result)
            : (argument: unknown) => {
                calls.push([method, argument]);
                return builder;
              },
      },
    );
    return builder;
  };
  class RecordingOs {
    readonly id = 'ubuntu';
    readonly title = 'Recording system';
    image = () => recorder(SAMPLE_IMAGE);
    osInstaller(options?: unknown): object {
      calls.push(['osInstaller', options]);
      return recorder(SAMPLE_INSTALLATION);
    }
    postInstaller = () => recorder({ installationId: SAMPLE_INSTALLATION.installationId, actions: 0 });
  }
  return RecordingOs as unknown as new () => OsDriver;
}
