import type { Container } from 'dockerode';

/** How long the daemon may take to remove a container, in milliseconds: ten seconds alone pass until it gives up on a program. */
const REMOVAL_MS = 60_000;
/** How long somebody else's removal is waited for, in milliseconds. */
const OTHERS_MS = 10_000;

/** Removes a container, running or not; one that is gone, or going, is fine. */
export async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true, abortSignal: AbortSignal.timeout(REMOVAL_MS) });
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode !== 404 && statusCode !== 409) throw error;
    // Somebody removes it already. Wait for that, so that its mounts are gone afterwards; 404 says that it is gone.
    const abortSignal = AbortSignal.timeout(OTHERS_MS);
    await container.wait({ condition: 'removed', abortSignal }).catch(() => undefined);
  }
}
