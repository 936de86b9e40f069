import {
  type ActionEnvironment,
  type ChangeResult,
  LookingAction,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { serviceCommands, serviceState, unitName, type WantedService } from './service-state.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Makes a systemd unit start at boot, run, or not. A name alone: it starts at boot, and runs. */
    service(wanted: string | WantedService): Promise<ChangeResult>;
  }
}

const flag = z.boolean().optional();

/** Makes a unit of systemd start at boot, run, or not. */
export class ServiceAction extends LookingAction<WantedService> {
  readonly id = 'service';
  readonly title = 'starts and stops a unit of systemd, now and at boot';
  readonly schema = z.union(
    [
      unitName.transform((name): WantedService => ({ name, enabled: true, running: true })),
      z
        .strictObject({
          ...{ name: unitName, enabled: flag, running: flag, restarted: flag, reloaded: flag, masked: flag },
        })
        .refine(
          ({ running, restarted, reloaded }) =>
            running !== false || !(restarted === true || reloaded === true),
          'cannot be stopped and started anew',
        ),
    ],
    'expected the name of a unit, or { name, enabled, running, restarted, reloaded, masked }',
  );

  note({ name }: WantedService): string {
    return name;
  }

  inputs({ name, enabled, running, restarted, reloaded, masked }: WantedService) {
    return { name, enabled, running, restarted, reloaded, masked };
  }

  protected async look(
    wanted: WantedService,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const commands = serviceCommands(wanted, await serviceState(node, wanted.name, signal));
    if (commands.length === 0) return undefined;
    return {
      make: async () => {
        for (const command of commands) await node.exec(command, { signal, sudo: true });
      },
    };
  }
}
