import { describe, expect, it } from 'vitest';
import type { ImageBackend } from './image-backend.js';
import type { ImageBackendId } from './image-engine.js';
import { selectBackend } from './select-backend.js';

const { signal } = new AbortController();
const backend = (id: ImageBackendId, why?: string): ImageBackend => ({
  id,
  unavailable: () => Promise.resolve(why),
  open: () => Promise.reject(new Error('not opened here')),
});

describe('selectBackend', () => {
  it('takes the first with auto, and says why', async () => {
    const selected = await selectBackend([backend('userspace'), backend('loop')], 'auto', signal);
    expect(selected).toMatchObject({ backend: { id: 'userspace' } });
    expect(selected.reason).toMatch(/userspace is the default/);
  });

  it('takes the one that was asked for', async () => {
    const selected = await selectBackend([backend('userspace'), backend('loop')], 'loop', signal);
    expect(selected).toMatchObject({ backend: { id: 'loop' }, reason: 'loop was asked for.' });
  });

  it('tells the reasons of those it passed over', async () => {
    const backends = [backend('loop', 'needs root'), backend('docker')];
    expect((await selectBackend(backends, 'auto', signal)).reason).toContain('loop: needs root');
    await expect(selectBackend(backends, 'loop', signal)).rejects.toMatchObject({
      code: 'IMAGE_NO_BACKEND',
      message: expect.stringContaining('needs root') as string,
    });
    await expect(selectBackend(backends, 'userspace', signal)).rejects.toMatchObject({
      code: 'IMAGE_NO_BACKEND',
    });
  });
});
