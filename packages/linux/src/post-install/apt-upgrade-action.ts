import {
  type ActionEnvironment,
  type ChangeResult,
  LookingAction,
  type PendingChange,
} from '@turingpi/provisioning';
import { z } from 'zod';
import { APT_LIMITS, aptSimulatedUpgrade, aptUpdate, aptUpgrade, hasChanged } from './apt-command.js';

declare module '@turingpi/provisioning' {
  interface RemoteActions {
    /** Upgrades all packages with apt; `full`: also where others must go for it. */
    aptUpgrade(kind?: 'safe' | 'full'): Promise<ChangeResult>;
  }
}

export interface AptUpgradeInput {
  /** Also where packages must be removed for it. */
  readonly full: boolean;
}

/** Brings apt's lists up to date and upgrades all packages. */
export class AptUpgradeAction extends LookingAction<AptUpgradeInput> {
  readonly id = 'aptUpgrade';
  readonly title = 'upgrades all packages with apt';
  readonly schema = z
    .enum(['safe', 'full'], 'expected safe, or full where packages may be removed for it')
    .transform((kind): AptUpgradeInput => ({ full: kind === 'full' }));
  readonly method = {
    name: 'remote.aptUpgrade',
    input: (kind: 'safe' | 'full' = 'safe'): AptUpgradeInput => ({ full: kind === 'full' }),
  } as const;

  inputs({ full }: AptUpgradeInput) {
    return { full };
  }

  override async perform(input: AptUpgradeInput, environment: ActionEnvironment): Promise<ChangeResult> {
    const node = await environment.session();
    await node.exec(aptUpdate(), { signal: environment.signal, ...APT_LIMITS });
    return super.perform(input, environment);
  }

  protected async look(
    { full }: AptUpgradeInput,
    { signal, session }: ActionEnvironment,
  ): Promise<PendingChange | undefined> {
    const node = await session();
    const options = { signal, ...APT_LIMITS };
    const { stdout } = await node.exec(aptSimulatedUpgrade(full), options);
    const changes = stdout.split('\n').filter((line) => /^(Inst|Remv) /.test(line));
    if (changes.length === 0) return undefined;
    return {
      diff: changes.map((line) => line.replace(/^Inst/, '+').replace(/^Remv/, '-')).join('\n'),
      make: async () => hasChanged((await node.exec(aptUpgrade(full), options)).stdout),
    };
  }
}
