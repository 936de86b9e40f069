import type { CustomizedImage, Logger } from '@turingpi/core/plugin';
import { ImageError } from '@turingpi/image';
import { describe, expect, it, vi } from 'vitest';
import { hostKeysOf } from './host-keys-of.js';

const image = { path: '/nowhere/node1.img.xz', hostKeys: [] } as unknown as CustomizedImage;

function collectingLogger() {
  const warn = vi.fn<Logger['warn']>();
  const logger = { warn } as unknown as Logger;
  return { warn, logger };
}

describe('hostKeysOf', () => {
  it('does without them, and says so, when the image is gone', async () => {
    const { warn, logger } = collectingLogger();
    const gone = new ImageError('IMAGE_NOT_FOUND', 'gone');
    expect(await hostKeysOf(image, () => Promise.reject(gone), logger)).toBeUndefined();
    expect(warn).toHaveBeenCalledExactlyOnceWith({ path: image.path, err: gone }, expect.any(String));
  });

  it('passes on what is not about the image', async () => {
    const { logger } = collectingLogger();
    const stopped = new DOMException('stopped', 'AbortError');
    await expect(hostKeysOf(image, () => Promise.reject(stopped), logger)).rejects.toBe(stopped);
  });
});
