import { describe, expect, it } from 'vitest';
import { parseExtlinux } from './extlinux.js';
import { parseModulesDep } from './kernel-modules.js';
import { parsePiConfig } from './raspberry-pi.js';

describe('extlinux.conf', () => {
  it('starts the entry that is the default, with paths as U-Boot takes them', () => {
    const text = [
      '# menu',
      'DEFAULT second',
      'label first',
      ' kernel /vmlinuz',
      'label second',
      '  LINUX ../Image',
      '  initrd /boot/initrd',
      '  fdtdir dtbs',
      '  fdtoverlays /a.dtbo /b.dtbo',
    ].join('\n');
    expect(parseExtlinux(text, '/boot/extlinux')).toEqual({
      kernel: '/boot/Image',
      initrd: '/boot/initrd',
      deviceTree: undefined,
      deviceTreeDirectory: '/boot/extlinux/dtbs',
      overlays: ['/a.dtbo', '/b.dtbo'],
    });
  });

  it('starts the first entry when there is no default, and nothing without a kernel', () => {
    expect(parseExtlinux('label a\nlinux /x\nlabel b\nlinux /y', '/')?.kernel).toBe('/x');
    expect(parseExtlinux('label a\ninitrd /x', '/')).toBeUndefined();
    expect(parseExtlinux('', '/')).toBeUndefined();
  });
});

describe('config.txt', () => {
  it.each([
    ['auto_initramfs=1', { prefix: '', kernel: 'kernel8.img', initramfs: 'initramfs8' }],
    [
      'initramfs initrd.img followkernel\nkernel=vmlinuz',
      { prefix: '', kernel: 'vmlinuz', initramfs: 'initrd.img' },
    ],
    [
      '[pi5]\nkernel=other\n[cm4]\nos_prefix=new/',
      { prefix: 'new/', kernel: 'kernel8.img', initramfs: undefined },
    ],
    ['#kernel=none\n[none]\nauto_initramfs=1', { prefix: '', kernel: 'kernel8.img', initramfs: undefined }],
  ])('says how a CM4 starts: %j', (text, expected) => {
    expect(parsePiConfig(text)).toEqual(expected);
  });
});

it('modules.dep names what a module needs, and nothing outside of its directory', () => {
  const all = parseModulesDep(
    'kernel/a-b.ko.xz: kernel/c.ko ../../etc/shadow\n/etc/passwd:\n../x.ko: kernel/c.ko\n',
  );
  expect([...all]).toEqual([['a_b', ['kernel/a-b.ko.xz', 'kernel/c.ko']]]);
});
