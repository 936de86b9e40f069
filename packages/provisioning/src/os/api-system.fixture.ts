import path from 'node:path';
import { definePlugin, type Plugin } from '@turingpi/core/plugin';
import type { BoardDriver, InstallationRequest } from '../board/board-driver.js';
import { provisioningPlugin as provisioning } from '../provisioning-plugin.js';
import type { SystemSecrets } from './applied-system.js';
import type { OperatingSystem } from './operating-system.js';
import type { NodeAnswer, NodeQuestion } from './readiness.js';

export const SMALL_IMAGE = path.resolve(
  import.meta.dirname,
  '../../../virtual-node/base-images/rpi-debian.img.xz',
);

/** A system without SSH, which answers as a test says and keeps what it was given. */
export class ApiSystem implements OperatingSystem {
  readonly id: string = 'api-os';
  readonly title = 'API OS';
  readonly access = 'api';
  readonly recipe = 1;
  /** What was put into images that are saved. */
  readonly applied: SystemSecrets[] = [];
  readonly questions: NodeQuestion[] = [];
  secretSources: NonNullable<OperatingSystem['secretSources']> = {};
  /** The last of them that was in an image, of the preview or of a saved one. */
  readonly seen: (string | undefined)[] = [];
  answer: NodeAnswer = { answer: 'expected' };

  plan(): object {
    return {};
  }
  async apply(...[, image, secrets, { installation }]: Parameters<OperatingSystem['apply']>) {
    await (await image.files()).writeFile('/etc/machine', 'configured');
    this.seen.push(secrets.own['join']?.reveal());
    if (installation !== undefined) this.applied.push(secrets);
    return {};
  }
  waitUntilReady() {
    return Promise.resolve({});
  }
  whoAnswers(question: NodeQuestion): Promise<NodeAnswer> {
    this.questions.push(question);
    return Promise.resolve(this.answer);
  }
}

/** A board that keeps what it was asked to install, and writes nothing. */
export class IdleBoard implements BoardDriver {
  readonly id = 'idle';
  readonly title = 'Idle board';
  readonly requests: InstallationRequest[] = [];
  readonly strategies = [
    {
      id: 'keep',
      summary: 'Keeps what it was asked.',
      disk: 'usb',
      install: async (request: InstallationRequest) => {
        await request.permit?.begin({ node: request.node.id, disk: 'usb' });
        this.requests.push(request);
      },
    },
  ];
  powerOn() {
    return Promise.resolve();
  }
  powerOff() {
    return Promise.resolve();
  }
  async *followConsole() {
    // it has none
  }
  sendConsoleLine() {
    return Promise.resolve();
  }
}

export function pluginOf(system: ApiSystem, board: BoardDriver): Plugin {
  return definePlugin({ name: 'api-os', requires: [provisioning], os: [system], boards: [board] });
}
