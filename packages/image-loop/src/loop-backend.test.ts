import {
  BackendImageEngine,
  ImageError,
  type ImageBackend,
  type ImageSession,
} from '@turingpi/image/backend';
import { expect, it } from 'vitest';
import { LoopBackend } from './loop-backend.js';

const { signal } = new AbortController();

function backend(id: string, obstacle?: ImageError): ImageBackend {
  const files = () => (obstacle === undefined ? Promise.resolve({}) : Promise.reject(obstacle));
  const session = { backend: id, files, [Symbol.asyncDispose]: () => Promise.resolve() };
  return {
    id,
    unavailable: () => Promise.resolve(undefined),
    open: () => Promise.resolve(session as unknown as ImageSession),
  };
}

it.each([
  [{ platform: 'darwin', uid: 0 }, 'darwin'],
  [{ platform: 'win32', uid: undefined }, 'win32'],
  [{ platform: 'linux', uid: 1000 }, 'root'],
] as const)('is passed over on %o', async (host, why) => {
  const dirty = new ImageError('IMAGE_FILESYSTEM_DIRTY', 'a journal', { hint: 'Replay it.' });
  const engine = new BackendImageEngine([
    backend('userspace', dirty),
    new LoopBackend(host),
    backend('another'),
  ]);
  const session = await engine.open('/a.img', { signal, cacheDir: '/none' });
  expect(session.backend).toBe('another');
  expect(await new LoopBackend(host).unavailable()).toContain(why);
});
