import type { Container } from 'dockerode';

/** How long the daemon may take to remove a container, in milliseconds: one that is silent is not waited for. */
const REMOVAL_MS = 10_000;

/** Removes a container, running or not; one that is gone, or going, is fine. */
export async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true, abortSignal: AbortSignal.timeout(REMOVAL_MS) });
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode !== 404 && statusCode !== 409) throw error;
    // Somebody removes it already. Wait for that, so that its mounts are gone afterwards; 404 says that it is gone.
    const abortSignal = AbortSignal.timeout(REMOVAL_MS);
    await container.wait({ condition: 'removed', abortSignal }).catch(() => undefined);
  }
}
