import type { Container } from 'dockerode';

/** The daemon takes a moment to remove a container. */
const REMOVAL_MS = 10_000;

/** Removes a container, running or not; one that is gone, or going, is fine. */
export async function removeContainer(container: Container): Promise<void> {
  try {
    await container.remove({ force: true, v: true });
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    if (statusCode !== 404 && statusCode !== 409) throw error;
    // Somebody removes it already. Wait for that, so that its mounts are gone afterwards; 404 says that it is gone.
    const abortSignal = AbortSignal.timeout(REMOVAL_MS);
    await container.wait({ condition: 'removed', abortSignal }).catch(() => undefined);
  }
}
