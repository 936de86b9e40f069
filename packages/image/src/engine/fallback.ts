import { ImageError } from '../image-error.js';
import type { ImageBackend } from './image-backend.js';
import type { ImageSession, OpenImageOptions } from './image-engine.js';
import { selectBackend } from './select-backend.js';

/** What another backend may manage although the default one cannot: a journal to replay, a feature it does not know. */
const REASONS: readonly string[] = ['IMAGE_FILESYSTEM_DIRTY', 'IMAGE_FILESYSTEM_UNSUPPORTED'];

/**
 * Opens an image with the backend asked for, or with `auto` with the first that can open its root filesystem.
 *
 * @remarks With `auto` the root is opened at once, because only then it shows whether a backend can edit it. An image
 * without one stays with the first backend: its partitions can still be worked on.
 * @param backends - In order of preference.
 * @throws ImageError `IMAGE_NO_BACKEND`; when none can open it, the first one's error, with why the others were no help.
 */
export async function openWithFallback(
  backends: readonly ImageBackend[],
  path: string,
  options: OpenImageOptions,
): Promise<ImageSession> {
  const requested = options.backend ?? 'auto';
  const { backend, reason } = await selectBackend(backends, requested, options.signal);
  const session = await backend.open(path, options, reason);
  if (requested !== 'auto') return session;
  const obstacle = await obstacleTo(session);
  if (obstacle === undefined) return session;
  await session[Symbol.asyncDispose]();
  const others = backends.slice(backends.indexOf(backend) + 1);
  return fallBack(others, path, options, { id: backend.id, obstacle });
}

async function fallBack(
  others: readonly ImageBackend[],
  path: string,
  options: OpenImageOptions,
  { id, obstacle }: { readonly id: string; readonly obstacle: ImageError },
): Promise<ImageSession> {
  const passedOver: string[] = [];
  for (const backend of others) {
    options.signal.throwIfAborted();
    const why = await backend.unavailable(options.signal);
    if (why !== undefined) {
      passedOver.push(`${backend.id}: ${why instanceof Error ? why.message : why}`);
      continue;
    }
    try {
      const reason = `${backend.id} was chosen because ${id} cannot edit this image: ${obstacle.message}`;
      const session = await backend.open(path, options, reason);
      const again = await failureOf(session);
      if (again === undefined) return session;
      await session[Symbol.asyncDispose]();
      options.signal.throwIfAborted();
      passedOver.push(`${backend.id}: ${again.message}`);
    } catch (error) {
      options.signal.throwIfAborted();
      passedOver.push(`${backend.id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new ImageError(
    obstacle.code,
    obstacle.message.includes(path) ? obstacle.message : `${path}: ${obstacle.message}`,
    {
      cause: obstacle,
      hint: [obstacle.hint, ...passedOver.map((text) => `Not ${text}`)].join('\n'),
      details: { ...obstacle.details, passedOver },
    },
  );
}

/** Why a session's root cannot be edited, whatever it is: this backend is no help then. */
async function failureOf(session: ImageSession): Promise<Error | undefined> {
  try {
    await session.files();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Why a session's root cannot be edited, when another backend might; undefined when all is well, or nothing would help. */
async function obstacleTo(session: ImageSession): Promise<ImageError | undefined> {
  try {
    await session.files();
    return undefined;
  } catch (error) {
    if (!(error instanceof ImageError) || !REASONS.includes(error.code)) return undefined;
    return error.details['kinds'] === undefined ? error : undefined; // a kind that none of them edits
  }
}
