import { describe, expect, it } from 'vitest';
import { byPreference, type ImageBackend } from './image-backend.js';
import type { ImageSession } from './image-engine.js';
import { LazyImageBackend } from './lazy-image-backend.js';
import { LazyImageEngine } from './lazy-image-engine.js';

const { signal } = new AbortController();
const options = { signal, cacheDir: '/none' };

const backend = (id: string, preference?: number): ImageBackend => ({
  id,
  ...(preference === undefined ? {} : { preference }),
  unavailable: () => Promise.resolve(undefined),
  open: (path, _options, reason) =>
    Promise.resolve({ backend: id, backendReason: `${path}: ${reason}` } as ImageSession),
});

describe('LazyImageEngine', () => {
  it('opens with a backend that was contributed, by its name', async () => {
    const engine = new LazyImageEngine(() => [backend('other')]);
    expect((await engine.open('/a.img', { ...options, backend: 'other' })).backend).toBe('other');
  });

  it('names the backends that there are, and how to get another one', async () => {
    const engine = new LazyImageEngine(() => [backend('other')]);
    await expect(engine.open('/a.img', { ...options, backend: 'docker' })).rejects.toMatchObject({
      code: 'IMAGE_NO_BACKEND',
      hint: expect.stringMatching(/userspace, other\. .*@turingpi\/image-docker/) as string,
    });
  });

  it('tries backends in the order of their preference, then by name', () => {
    const backends = [backend('z'), backend('b', 20), backend('a'), backend('c', 10)];
    expect(byPreference(backends).map(({ id }) => id)).toEqual(['c', 'b', 'a', 'z']);
  });
});

describe('LazyImageBackend', () => {
  it('is loaded when it is first asked, once', async () => {
    let loads = 0;
    const lazy = new LazyImageBackend('other', 10, () => {
      loads += 1;
      return Promise.resolve(backend('other'));
    });
    expect(loads).toBe(0);
    expect(await lazy.unavailable(signal)).toBeUndefined();
    expect((await lazy.open('/a.img', options, 'asked for')).backendReason).toBe('/a.img: asked for');
    expect(await (await lazy.leftovers()).find()).toEqual([]);
    expect(loads).toBe(1);
  });
});
