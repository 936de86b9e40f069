import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageModifier } from './image-modifier.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackendImageEngine } from '../engine/backend-image-engine.js';
import type { ImageSession } from '../engine/image-engine.js';
import { recordImageModifications } from './record-image-modifications.js';
import { type ImageAnswers, RememberedImage } from './remembered-image.js';

const BASE = join(import.meta.dirname, '../../../virtual-node/base-images/rk1-ubuntu.img.xz');
const { signal } = new AbortController();

describe('RememberedImage', () => {
  let work: string;
  let session: ImageSession;
  let opened = 0;
  const open = () => {
    opened += 1;
    return Promise.resolve(session);
  };

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'remembered-'));
    session = await new BackendImageEngine().open(BASE, { signal, cacheDir: work });
  });
  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    rmSync(work, { recursive: true, force: true });
  });

  const callback = async (image: ImageModifier) => {
    await image.writeFile('/bin/app', 'program', { mode: 0o755 }); // /bin is a link
    await image.appendFile('/etc/hosts', '10.0.0.1 one\n');
    if (await image.exists('/etc/timezone')) await image.remove('/etc/timezone');
    for (const name of await image.list('/etc/cloud')) await image.chmod(`/etc/cloud/${name}`, 0o600);
    await image.chown('/etc/hostname', 7, (await image.stat('/etc/hostname')).gid + 1);
    await image.partition('CIDATA').writeFile('/extra', 'x');
    await image.partition(1).writeFile('/extra', 'y'); // the same partition
  };
  /** What one run of the callback learns, as a file would keep it. */
  const learn = async (run = callback): Promise<ImageAnswers> => {
    const image = new RememberedImage(undefined, open);
    await recordImageModifications(run, image);
    return JSON.parse(JSON.stringify(image.answers)) as ImageAnswers;
  };

  it('answers what it was asked before without being opened, and the effect is the same', async () => {
    const direct = await recordImageModifications(callback, session);
    const answers = await learn();
    opened = 0;
    const image = new RememberedImage(answers, open);
    const remembered = await recordImageModifications(callback, image);
    expect(remembered.digest).toBe(direct.digest);
    expect(remembered.operations).toEqual(direct.operations);
    expect({ opened, learnt: image.hasLearnt }).toEqual({ opened: 0, learnt: false });
    expect(await (await image.files()).fileSystem.lstat('/etc/hostname')).toEqual(
      await (await session.files()).lstat('/etc/hostname'),
    );
  });

  it('is opened, once, for what it was not asked yet, and remembers that too', async () => {
    const answers = await learn();
    opened = 0;
    const image = new RememberedImage(answers, open);
    const recording = await recordImageModifications(async (modifier) => {
      await callback(modifier);
      await modifier.writeFile('/srv/new', '1');
      await modifier
        .partition('system-boot')
        .writeFile('/new', '2')
        .catch(() => undefined); // not there
      await modifier.partition(2).writeFile('/etc/by-number', '3');
    }, image);
    expect({ opened, learnt: image.hasLearnt }).toEqual({ opened: 1, learnt: true });
    const again = new RememberedImage(image.answers, () => Promise.reject(new Error('opened')));
    const same = await recordImageModifications(async (modifier) => {
      await callback(modifier);
      await modifier.writeFile('/srv/new', '1');
      await modifier.partition(2).writeFile('/etc/by-number', '3');
    }, again);
    expect(same.digest).toBe(recording.digest);
  });

  it('reads contents from the image itself, and can change nothing', async () => {
    const { fileSystem } = await new RememberedImage(await learn(), open).files();
    const content = await fileSystem.readFile('/etc/hostname');
    expect(content.toString()).toBe(await (await session.files()).readText('/etc/hostname'));
    for (const change of ['writeFile', 'remove', 'symlink']) expect(change in fileSystem, change).toBe(false);
  });
});
