import {
  type ActionEnvironment,
  type ActionInputEnvironment,
  type ChangeResult,
  fileChange,
  LookingAction,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { RELOAD, serviceCommands, serviceState, unitName } from './service-state.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Writes a unit of systemd, or a drop-in of one, and has it read. */
    unit(wanted: UnitInput): Promise<ChangeResult>;
  }
}

export interface UnitInput {
  /** With its kind: `backup.timer`. */
  readonly name: string;
  readonly content: string;
  /** The content goes into this drop-in of the unit. */
  readonly dropIn?: string | undefined;
  readonly enabled?: boolean | undefined;
  /** One that runs is started anew when its file has changed. */
  readonly running?: boolean | undefined;
}

/** Writes a unit of systemd below `/etc/systemd/system`. */
export class UnitAction extends LookingAction<UnitInput> {
  readonly id = 'unit';
  readonly title = 'writes a unit of systemd';
  readonly schema = z.strictObject({
    name: unitName.regex(/\.[a-z]+$/, 'expected the kind with the name, for example app.service'),
    content: z.string().min(1),
    dropIn: z
      .string()
      .regex(/^[\w-]+$/, 'expected a name of letters, digits and hyphens')
      .optional(),
    enabled: z.boolean().optional(),
    running: z.boolean().optional(),
  });

  note({ name, dropIn }: UnitInput): string {
    return dropIn === undefined ? name : `${name} ${dropIn}`;
  }

  async inputs({ name, content, dropIn, enabled, running }: UnitInput, { digest }: ActionInputEnvironment) {
    return { name, content: await digest(content), dropIn, enabled, running };
  }

  protected async look(
    { name, content, dropIn, enabled, running }: UnitInput,
    { session, signal }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const path = `/etc/systemd/system/${name}${dropIn === undefined ? '' : `.d/${dropIn}.conf`}`;
    const file = await fileChange(node, { path, content, mode: 0o644, owner: 'root:root' }, signal);
    const wanted = { name, enabled, running };
    const before = await serviceState(node, name, signal);
    if (file === undefined && serviceCommands(wanted, before).length === 0) return undefined;
    return {
      diff: file?.diff,
      make: async () => {
        if (file !== undefined) {
          await file.make();
          await node.exec(RELOAD, { signal, sudo: true });
        }
        const restarted = file !== undefined && running === true;
        const after = { ...(await serviceState(node, name, signal)), isStale: false };
        for (const command of serviceCommands({ ...wanted, restarted }, after))
          await node.exec(command, { signal, sudo: true });
      },
    };
  }
}
