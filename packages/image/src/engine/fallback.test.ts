import { describe, expect, it } from 'vitest';
import { ImageError, type ImageErrorCode } from '../image-error.js';
import type { ImageBackend } from './image-backend.js';
import type { ImageBackendId, ImageSession } from './image-engine.js';
import { openWithFallback } from './fallback.js';

const { signal } = new AbortController();
const disposed: string[] = [];

/** A backend whose sessions find the root in a certain state. */
function backend(id: ImageBackendId, obstacle?: ImageErrorCode, unavailable?: string): ImageBackend {
  return {
    id,
    unavailable: () => Promise.resolve(unavailable),
    open: (_path, _options, backendReason) =>
      Promise.resolve({
        backend: id,
        backendReason,
        files: () =>
          obstacle === undefined
            ? Promise.resolve({})
            : Promise.reject(new ImageError(obstacle, `${id} says ${obstacle}.`, { hint: 'Cure it.' })),
        [Symbol.asyncDispose]: () => Promise.resolve(void disposed.push(id)),
      } as unknown as ImageSession),
  };
}
const open = (backends: ImageBackend[], asked?: ImageBackendId) =>
  openWithFallback(backends, '/a.img', { signal, cacheDir: '/none', ...(asked ? { backend: asked } : {}) });

describe('openWithFallback', () => {
  it('stays with the default when the root opens', async () => {
    const session = await open([backend('userspace'), backend('loop')]);
    expect(session).toMatchObject({
      backend: 'userspace',
      backendReason: expect.stringMatching(/default/) as string,
    });
  });

  it.each(['IMAGE_FILESYSTEM_DIRTY', 'IMAGE_FILESYSTEM_UNSUPPORTED'] as const)(
    'takes the next that can when it meets %s, and says why',
    async (code) => {
      disposed.length = 0;
      const backends = [
        backend('userspace', code),
        backend('loop', undefined, 'needs root'),
        backend('docker'),
      ];
      const session = await open(backends);
      expect(session.backend).toBe('docker');
      expect(session.backendReason).toContain(`userspace says ${code}`);
      expect(disposed).toEqual(['userspace']);
    },
  );

  it.each(['IMAGE_NO_ROOT', 'IMAGE_FILESYSTEM_CORRUPT'] as const)(
    'does not try others for %s',
    async (code) => {
      expect((await open([backend('userspace', code), backend('loop')])).backend).toBe('userspace');
    },
  );

  it('gives the first error with why each of the others was no help', async () => {
    const opening = open([
      backend('userspace', 'IMAGE_FILESYSTEM_DIRTY'),
      backend('loop', undefined, 'mounting needs root'),
      backend('docker', 'IMAGE_FILESYSTEM_UNSUPPORTED'),
    ]);
    const error = await opening.catch((thrown: unknown) => thrown as ImageError);
    expect(error).toMatchObject({
      code: 'IMAGE_FILESYSTEM_DIRTY',
      message: expect.stringContaining('/a.img') as string,
    });
    expect((error as ImageError).hint.split('\n')).toEqual([
      'Cure it.',
      'Not loop: mounting needs root',
      'Not docker: docker says IMAGE_FILESYSTEM_UNSUPPORTED.',
    ]);
  });

  it('keeps the first error when another one finds the image damaged, or is refused', async () => {
    disposed.length = 0;
    const opening = open([
      backend('userspace', 'IMAGE_FILESYSTEM_UNSUPPORTED'),
      backend('loop', 'IMAGE_FILESYSTEM_CORRUPT'),
    ]);
    await expect(opening).rejects.toMatchObject({
      code: 'IMAGE_FILESYSTEM_UNSUPPORTED',
      hint: expect.stringContaining('Not loop: loop says IMAGE_FILESYSTEM_CORRUPT.') as string,
    });
    expect(disposed).toEqual(['userspace', 'loop']);
  });

  it('does not look for another when one was asked for', async () => {
    const session = await open(
      [backend('userspace', 'IMAGE_FILESYSTEM_DIRTY'), backend('loop')],
      'userspace',
    );
    expect(session.backend).toBe('userspace');
  });
});
