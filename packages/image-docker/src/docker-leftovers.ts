import { isGone } from '@turingpi/foundation';
import type { Leftover, LeftoverContainers } from '@turingpi/image/backend';

import { OWNER_LABELS } from './container-options.js';
import type { DockerHost } from './docker-host.js';
import { removeContainer } from './remove-container.js';

/** Containers with our label whose process on this host is gone. */
export class DockerLeftovers implements LeftoverContainers {
  constructor(private readonly host: DockerHost) {}

  /** Empty also when Docker cannot be asked: then nothing of ours runs in it that could be removed. */
  async find(): Promise<Leftover[]> {
    try {
      const docker = await this.host.docker();
      const filters = { label: [OWNER_LABELS.job] };
      const abortSignal = this.host.answerLimit();
      const found: Leftover[] = [];
      for (const { Id, Labels } of await docker.listContainers({ all: true, filters, abortSignal })) {
        const pid = Number(Labels[OWNER_LABELS.pid]);
        const label = (name: 'host' | 'computer' | 'start') => Labels[OWNER_LABELS[name]] ?? '';
        const [computer, start] = [label('computer'), label('start')];
        const owner = {
          pid,
          host: label('host'),
          ...(computer === '' ? {} : { computer }),
          ...(start === '' ? {} : { start }),
        };
        if (Number.isSafeInteger(pid) && pid > 0 && (await isGone(owner)))
          found.push({ kind: 'container', name: Id, pid });
      }
      return found;
    } catch {
      return [];
    }
  }

  async remove(id: string): Promise<void> {
    await removeContainer((await this.host.docker()).getContainer(id));
  }
}
