import { basename } from 'node:path';
import { BOARD_IDENTIFICATION, definePlugin, type Plugin } from '@turingpi/core/plugin';
import { limitCache, removeReplaced } from '@turingpi/image/customization';
import { ClientSshRuntime, ProcessLocalRuntime } from '@turingpi/runtime';
import { ACTIONS } from './action/actions.js';
import { FetchAction } from './action/fetch-action.js';
import { CopyAction } from './action/copy-action.js';
import { CopyDirectoryAction } from './action/copy-directory-action.js';
import { BlockInFileAction } from './action/block-in-file-action.js';
import { LineInFileAction } from './action/line-in-file-action.js';
import { MkdirAction } from './action/mkdir-action.js';
import { RemoveAction } from './action/remove-action.js';
import { SymlinkAction } from './action/symlink-action.js';
import { TemplateAction } from './action/template-action.js';
import { WaitForAction } from './action/wait-for-action.js';
import { ReadAction } from './action/read-action.js';
import { RebootAction } from './action/reboot-action.js';
import { RunAction } from './action/run-action.js';
import { RunLocalAction } from './action/run-local-action.js';
import { WriteAction } from './action/write-action.js';
import { ARTIFACT_STORES } from './artifact/artifact-store.js';
import { SHARED_ARTIFACTS, SharedArtifacts } from './artifact/shared-artifacts.js';
import { BOARDS } from './board/boards.js';
import { ConfiguredBmcClient } from './board/configured-bmc-client.js';
import { DriverBoardIdentification } from './board/driver-board-identification.js';
import { STRATEGIES } from './installation/strategies.js';
import { OPERATING_SYSTEMS } from './os/operating-systems.js';
import { LocalUsbHost } from '@turingpi/usb-host';
import { ConfiguredImageEngine } from './image/configured-image-engine.js';
import { IMAGE_BACKENDS } from './image/image-backends.js';
import { NETWORK_LIMITS_DEFAULT } from './address/network-limits.js';
import { NodeAddresses } from './address/node-addresses.js';
import {
  BMC_CLIENT,
  IMAGE_ENGINE,
  LOCAL_RUNTIME,
  NETWORK_LIMITS,
  NODE_ADDRESSES,
  SSH_RUNTIME,
  USB_HOST,
} from './services/tokens.js';

/**
 * What plugins of operating systems and boards stand on: the extension points, and the services that open images, talk to
 * the board and reach nodes. They list it in `requires`.
 */
export const provisioningPlugin: Plugin = definePlugin({
  name: '@turingpi/provisioning',
  extensionPoints: [OPERATING_SYSTEMS, BOARDS, STRATEGIES, IMAGE_BACKENDS, ACTIONS, ARTIFACT_STORES],
  actions: [
    ...[RunAction, RunLocalAction, RebootAction, WaitForAction],
    ...[CopyAction, CopyDirectoryAction, FetchAction, ReadAction, WriteAction, TemplateAction],
    ...[LineInFileAction, BlockInFileAction, SymlinkAction, RemoveAction, MkdirAction],
  ],
  services: [
    { token: IMAGE_ENGINE, useClass: ConfiguredImageEngine },
    { token: SHARED_ARTIFACTS, useClass: SharedArtifacts },
    { token: BMC_CLIENT, useClass: ConfiguredBmcClient },
    { token: SSH_RUNTIME, useClass: ClientSshRuntime },
    { token: USB_HOST, useClass: LocalUsbHost },
    { token: LOCAL_RUNTIME, useClass: ProcessLocalRuntime },
    { token: BOARD_IDENTIFICATION, useClass: DriverBoardIdentification },
    { token: NODE_ADDRESSES, useClass: NodeAddresses },
    { token: NETWORK_LIMITS, useValue: NETWORK_LIMITS_DEFAULT },
  ],
  hooks: {
    // After each run images of former inputs go, and the cache is brought to its limit.
    afterRun: async (run) => {
      const { config, recordedImages, replacedImages, startedAt, logger, remark } = run;
      const { cacheDir, cacheMaxBytes } = config;
      const { signal } = new AbortController(); // takes no time worth stopping it
      const recorded = await recordedImages();
      const replaced = await removeReplaced({
        ...{ cacheDir, recorded, signal },
        replaced: await replacedImages(),
      });
      if (replaced.length > 0) remark(removedText(replaced));
      const limited = await limitCache({ cacheDir, recorded, startedAt, maxBytes: cacheMaxBytes, signal });
      if (limited === undefined || limited.removed.length + limited.failed.length === 0) return;
      const { removed, freedBytes, keptBytes, failed } = limited;
      logger.info({ removed: removed.length, freedBytes, keptBytes, failed }, 'cache brought to its limit');
    },
  },
});

/** In one line, whatever their number. */
function removedText(images: readonly { readonly path: string }[]): string {
  const names = images.map(({ path }) => basename(path)).join(', ');
  const why =
    images.length === 1 ? 'its node is made from another image' : 'their nodes are made from other images';
  return `Removed ${names} from the cache: ${why} now.`;
}
