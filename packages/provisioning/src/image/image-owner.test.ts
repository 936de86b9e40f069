import { describe, expect, it } from 'vitest';
import { ownerInImage } from './image-owner.js';

const FILES: Readonly<Record<string, string>> = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:34:www-data:/var/www:/usr/sbin/nologin\n',
  '/etc/group': 'root:x:0:\nadm:x:4:syslog\n',
};
const image = { readFile: (path: string) => Promise.resolve(Buffer.from(FILES[path] ?? '')) };

describe('the owner of a file in an image', () => {
  it.each([
    ['root', { uid: 0, gid: 0 }],
    ['www-data', { uid: 33, gid: 34 }],
    ['33', { uid: 33, gid: 34 }],
    ['www-data:adm', { uid: 33, gid: 4 }],
    ['1000:adm', { uid: 1000, gid: 4 }],
    ['1000', { uid: 1000, gid: 1000 }],
    ['1000:7', { uid: 1000, gid: 7 }],
  ])('%s is %j', async (owner, numbers) => {
    expect(await ownerInImage(image, owner, '/a')).toEqual(numbers);
  });

  it.each([
    ['admin', 'user admin'],
    ['root:admin', 'group admin'],
  ])('%s is nobody there: it says for which file', async (owner, who) => {
    await expect(ownerInImage(image, owner, '/etc/motd')).rejects.toMatchObject({
      code: 'FILE_OWNER_UNKNOWN',
      message: expect.stringMatching(new RegExp(`^/etc/motd .*${who}`)) as string,
    });
  });
});
