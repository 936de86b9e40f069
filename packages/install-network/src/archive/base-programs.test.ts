import type { ImageFiles } from '@turingpi/image';
import { expect, it } from 'vitest';
import { staticPrograms } from '../base/base-image.fixture.js';
import { takePrograms } from './base-programs.js';

const REQUIRED = 'cat curl dd ip mkdir mount readlink rm sha256sum sleep sync wc xz'.split(' ');

/** A root filesystem with static programs, and a busybox that has some words in it. */
function rootWith(busybox: string | undefined): ImageFiles {
  const files = new Map(
    Object.entries(staticPrograms(REQUIRED)).map(([path, file]) => [path, file as Buffer]),
  );
  const program = files.get('/usr/bin/cat')!;
  if (busybox !== undefined) files.set('/usr/bin/busybox', Buffer.concat([program, Buffer.from(busybox)]));
  return {
    exists: (path: string) => Promise.resolve(files.has(path)),
    realPath: (path: string) => Promise.resolve(path),
    readFile: (path: string) => Promise.resolve(files.get(path)),
  } as unknown as ImageFiles;
}

it.each([
  ['has a DHCP client', 'telnet udhcpc uname', true],
  ['was made without a DHCP client', 'telnet uname', false],
  ['is not there', undefined, false],
])('knows of a busybox that it %s', async (_name, busybox, asksDhcp) => {
  expect((await takePrograms(rootWith(busybox))).asksDhcp).toBe(asksDhcp);
});
