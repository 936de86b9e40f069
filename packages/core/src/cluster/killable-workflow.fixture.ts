import type { TuringPiConfig } from '../config/config-input.js';
import { definePlugin } from '../plugin/define-plugin.js';
import { defineExtensionPoint } from '../plugin/extension-point.js';
import type { Workflow } from './workflow.js';

class Board {
  readonly id = 'rk1';
}

const BOARDS = defineExtensionPoint({ key: 'boards', title: 'board', nodeKey: 'board' });
const PLUGIN = definePlugin({
  name: 'sample',
  extensionPoints: [BOARDS],
  ...({ boards: [Board] } as object),
});

export function killableConfig(directory: string): TuringPiConfig {
  return {
    ip: '10.0.0.2',
    node1: { ip: '10.0.0.11', board: 'rk1' },
    cacheDir: directory,
    plugins: [PLUGIN],
  };
}

/** All three phases; `enter` is called inside each, and inside the second action of the last. */
export function killableWorkflow(options: { enter(place: string): Promise<void> }): Workflow {
  return async (context) => {
    const image = await context.runPhase({
      id: 'image_customization',
      inputs: { base: 'image' },
      stands: async () => true,
      run: async () => {
        await options.enter('image_customization');
        return {
          path: '/cache/image.xz',
          format: 'xz',
          sizeBytes: 1,
          sha256: 'aa',
          rawSizeBytes: 1,
          os: 'ubuntu',
          hostname: 'n',
          hostKeys: [],
          facts: {},
        };
      },
    });
    const installed = await context.runPhase({
      id: 'os_installation',
      inputs: { image: image.sha256 },
      stands: async () => true,
      run: async ({ permit }) => {
        await permit?.begin(permit.erasure);
        await options.enter('os_installation');
        return {
          installationId: 'one',
          imageSha256: image.sha256,
          os: 'ubuntu',
          ipAddress: '10.0.0.11',
          hostname: 'n',
          hostKeys: [],
          username: 'u',
          strategy: 'flash',
        };
      },
    });
    await context.runJournaledPhase({
      id: 'post_installation',
      inputs: {},
      installationId: installed.installationId,
      run: async (_environment, journal) => {
        await journal.perform('run', 'first', async () => {
          await options.enter('first action');
          return 1;
        });
        await journal.perform('run', 'second', async () => {
          await options.enter('post_installation');
          return 2;
        });
      },
    });
  };
}
