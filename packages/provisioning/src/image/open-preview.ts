import type { Context, JsonValue, PhaseEnvironment } from '@turingpi/core/plugin';
import { Secret } from '@turingpi/foundation';
import type { ImageSession } from '@turingpi/image/customization';
import type { CredentialPlan } from '../credential/credential-plan.js';
import type { AppliedSystem } from '../os/applied-system.js';
import type { OperatingSystem } from '../os/operating-system.js';

/** What the image that callbacks read from is to be. */
export interface PreviewedImage {
  readonly plan: JsonValue;
  readonly credentials: CredentialPlan | undefined;
  readonly context: Context;
  readonly environment: Pick<PhaseEnvironment, 'signal' | 'progress' | 'logger'>;
}

/**
 * Makes an opened base image what pre-install callbacks are to see: our own settings are in it, except what is new at
 * every build (host keys, the password's hash, the installation), because what a callback reads must not differ from run
 * to run.
 *
 * @returns What the system says of it. The edits of the session are never saved; it is disposed of when this fails.
 */
export async function openPreview(
  session: ImageSession,
  system: OperatingSystem,
  { plan, credentials, context, environment: { signal, progress, logger } }: PreviewedImage,
): Promise<AppliedSystem> {
  try {
    // What callbacks read is kept in a cache, where no secret belongs.
    const own = Object.fromEntries(
      Object.keys(system.secretSources ?? {}).map((name) => [name, new Secret('')]),
    );
    const password = credentials?.password && new Secret(''); // that there is one, and not which
    const secrets = { password, passwordSalt: '', hostKeys: [], own };
    return await system.apply(plan, session, secrets, {
      ...{ context, signal, progress, logger },
      installation: undefined,
    });
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}
