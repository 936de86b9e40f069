import { describe, expect, it } from 'vitest';
import { imageOf, type ImageFamilyName } from './image-families.fixture.js';
import { MemoryImageFiles } from './memory-image-files.fixture.js';
import { checkFit } from './check-fit.js';
import { detectImage } from './detect-image.js';
import { explainImage } from './explain-image.js';

interface Expected {
  readonly family: string;
  readonly distribution: string;
  readonly board: string;
  readonly stack: string;
  readonly renderer?: string;
  readonly cloudInit: string;
  /** Kind and name of the seed's place. */
  readonly seed?: string;
  readonly firstLogin?: string;
  readonly interfaceName?: string;
}

const expected: Record<ImageFamilyName, Expected> = {
  'Ubuntu for RK1, v2.x (CIDATA)': {
    family: 'ubuntu-rockchip',
    distribution: 'ubuntu',
    board: 'rockchip-rk3588',
    stack: 'netplan',
    cloudInit: 'enabled',
    seed: 'partition CIDATA',
    firstLogin: 'expired-password',
  },
  'Ubuntu for RK1, v1.33 (system-boot)': {
    family: 'ubuntu-rockchip',
    distribution: 'ubuntu',
    board: 'rockchip-rk3588',
    stack: 'netplan',
    cloudInit: 'enabled',
    seed: 'partition system-boot',
    firstLogin: 'expired-password',
  },
  'Ubuntu for RK1, v2.x desktop': {
    family: 'ubuntu-rockchip',
    distribution: 'ubuntu',
    board: 'rockchip-rk3588',
    stack: 'netplan',
    renderer: 'NetworkManager',
    cloudInit: 'absent',
    firstLogin: 'oem-config-wizard',
  },
  'Ubuntu for Raspberry Pi, 22.04': {
    family: 'ubuntu-raspberry-pi',
    distribution: 'ubuntu',
    board: 'raspberry-pi',
    stack: 'netplan',
    cloudInit: 'enabled',
    seed: 'partition system-boot',
    firstLogin: 'expired-password',
    interfaceName: 'eth0',
  },
  'Ubuntu for Raspberry Pi, 26.04 (two sets of boot files)': {
    family: 'ubuntu-raspberry-pi',
    distribution: 'ubuntu',
    board: 'raspberry-pi',
    stack: 'netplan',
    cloudInit: 'enabled',
    seed: 'partition system-boot',
    firstLogin: 'expired-password',
    interfaceName: 'eth0',
  },
  'Ubuntu for Raspberry Pi': {
    family: 'ubuntu-raspberry-pi',
    distribution: 'ubuntu',
    board: 'raspberry-pi',
    stack: 'netplan',
    cloudInit: 'enabled',
    seed: 'partition system-boot',
    firstLogin: 'expired-password',
    interfaceName: 'eth0',
  },
  'Armbian Debian, minimal': {
    family: 'armbian',
    distribution: 'debian',
    board: 'rockchip-rk3588',
    stack: 'netplan',
    cloudInit: 'absent',
    firstLogin: 'armbian-wizard',
  },
  'Armbian Ubuntu with NetworkManager': {
    family: 'armbian',
    distribution: 'ubuntu',
    board: 'rockchip-rk3588',
    stack: 'netplan',
    renderer: 'NetworkManager',
    cloudInit: 'absent',
    firstLogin: 'armbian-wizard',
  },
  'Armbian whose os-release names Armbian': {
    family: 'armbian',
    distribution: 'debian',
    board: 'rockchip-rk3588',
    stack: 'netplan',
    cloudInit: 'absent',
    firstLogin: 'armbian-wizard',
  },
  'Armbian Debian for the Raspberry Pi': {
    family: 'armbian',
    distribution: 'debian',
    board: 'raspberry-pi',
    stack: 'netplan',
    cloudInit: 'absent',
    firstLogin: 'armbian-wizard',
  },
  'Raspberry Pi OS Bookworm': {
    family: 'raspberry-pi-os-bookworm',
    distribution: 'debian',
    board: 'raspberry-pi',
    stack: 'network-manager',
    renderer: 'NetworkManager',
    cloudInit: 'absent',
    firstLogin: 'raspberry-pi-wizard',
    interfaceName: 'eth0',
  },
  'Raspberry Pi OS Trixie, the first one, without cloud-init': {
    family: 'raspberry-pi-os-bookworm', // its first boot is the older one's
    distribution: 'debian',
    board: 'raspberry-pi',
    stack: 'network-manager',
    renderer: 'NetworkManager',
    cloudInit: 'absent',
    firstLogin: 'raspberry-pi-wizard',
    interfaceName: 'eth0',
  },
  'Raspberry Pi OS Trixie': {
    family: 'raspberry-pi-os-trixie',
    distribution: 'debian',
    board: 'raspberry-pi',
    stack: 'netplan',
    renderer: 'NetworkManager',
    cloudInit: 'enabled',
    seed: 'partition bootfs',
    firstLogin: 'raspberry-pi-wizard',
    interfaceName: 'eth0',
  },
  'Debian cloud image': {
    family: 'debian',
    distribution: 'debian',
    board: 'unknown',
    stack: 'netplan',
    cloudInit: 'enabled',
    seed: 'directory /var/lib/cloud/seed/nocloud',
  },
  'Debian with ifupdown': {
    family: 'debian',
    distribution: 'debian',
    board: 'unknown',
    stack: 'ifupdown',
    cloudInit: 'absent',
  },
  'Debian with systemd-networkd': {
    family: 'debian',
    distribution: 'debian',
    board: 'unknown',
    stack: 'systemd-networkd',
    cloudInit: 'absent',
  },
  'Debian with cloud-init switched off': {
    family: 'debian',
    distribution: 'debian',
    board: 'unknown',
    stack: 'netplan',
    cloudInit: 'disabled',
  },
};

describe('detectImage', () => {
  it.each(Object.entries(expected) as [ImageFamilyName, Expected][])('%s', async (name, want) => {
    const image = await detectImage(imageOf(name).partitions);
    const { seed } = image.cloudInit;
    expect({
      family: image.family,
      distribution: image.distribution.id,
      board: image.board,
      stack: image.network.stack,
      renderer: image.network.renderer,
      cloudInit: image.cloudInit.state,
      seed: seed && `${seed.kind} ${seed.name}`,
      firstLogin: image.firstLogin,
      interfaceName: image.interfaceName,
    }).toEqual({
      renderer: 'networkd',
      seed: undefined,
      firstLogin: 'none',
      interfaceName: undefined,
      ...want,
    });
    for (const { topic, value, reason } of explainImage(image))
      expect(`${topic}${value}${reason}`).not.toContain('undefined');
  });

  it('explains that it does not know an image without os-release', async () => {
    const root = new MemoryImageFiles({ '/bin/busybox': '' });
    await expect(detectImage({ root, others: [] })).rejects.toMatchObject({ code: 'OS_UNKNOWN' });
  });

  it('names a distribution that no plugin is for', async () => {
    const root = new MemoryImageFiles({ '/etc/os-release': 'ID=alpine\nPRETTY_NAME="Alpine Linux v3.20"\n' });
    const image = await detectImage({ root, others: [] });
    expect(image).toMatchObject({ family: 'unknown', distribution: { id: 'alpine' } });
    expect(() => checkFit(image, { distribution: 'debian', boardType: 'rk1' })).toThrow(
      /Alpine Linux v3.20, not debian/,
    );
  });

  it('takes cloud-init for disabled where the kernel command line says so', async () => {
    const { root, partitions } = imageOf('Raspberry Pi OS Trixie');
    const [boot] = partitions.others;
    await boot!.files.writeFile('/cmdline.txt', 'root=PARTUUID=1-02 rootwait cloud-init=disabled\n');
    const image = await detectImage({ root, others: [boot!] });
    expect(image.cloudInit).toMatchObject({ state: 'disabled', seed: undefined });
    expect(image.cloudInit.reason).toContain('cmdline.txt');
  });

  it.each([
    [
      'Armbian',
      { '/etc/armbian-release': 'BOARD=orangepi5\nBOARDFAMILY=rockchip-rk3588\n' },
      /BOARD=orangepi5/,
    ],
    [
      'Ubuntu',
      { '/etc/default/u-boot': 'U_BOOT_FDT="device-tree/rockchip/rk3588s-orangepi-5.dtb"\n' },
      /rk3588s-orangepi-5\.dtb/,
    ],
  ])(
    'tells %s for another board with the same processor from one for the RK1',
    async (_name, files, reason) => {
      const root = new MemoryImageFiles({ '/etc/os-release': 'ID=debian\n', ...files });
      const image = await detectImage({ root, others: [] });
      expect(image).toMatchObject({ board: 'other', boardReason: expect.stringMatching(reason) as string });
      expect(() => checkFit(image, { distribution: 'debian', boardType: 'rk1' })).toThrow(
        expect.objectContaining({ code: 'BOARD_MISMATCH' }),
      );
    },
  );

  it('notices a password that must be changed at the first login', async () => {
    const root = new MemoryImageFiles({
      '/etc/os-release': 'ID=debian\n',
      '/etc/shadow': 'root:$6$a$b:0:0:99999:7:::\n',
    });
    expect((await detectImage({ root, others: [] })).firstLogin).toBe('expired-password');
  });
});

describe('checkFit', () => {
  it('refuses an image for another board, saying how it knows', async () => {
    const image = await detectImage(imageOf('Raspberry Pi OS Bookworm').partitions);
    expect(() => checkFit(image, { distribution: 'debian', boardType: 'rk1' })).toThrow(
      expect.objectContaining({
        code: 'BOARD_MISMATCH',
        message: expect.stringContaining('partition bootfs has config.txt') as string,
      }),
    );
    expect(() => checkFit(image, { distribution: 'debian', boardType: 'cm4' })).not.toThrow();
  });

  it('refuses another distribution', async () => {
    const image = await detectImage(imageOf('Armbian Debian, minimal').partitions);
    expect(() => checkFit(image, { distribution: 'ubuntu', boardType: 'rk1' })).toThrow(
      expect.objectContaining({ code: 'OS_MISMATCH' }),
    );
  });

  it('lets pass what it cannot judge: boards of other plugins and images that name none', async () => {
    const image = await detectImage(imageOf('Debian cloud image').partitions);
    expect(() => checkFit(image, { distribution: 'debian', boardType: 'rk1' })).not.toThrow();
    expect(() => checkFit(image, { distribution: 'debian', boardType: 'jetson' })).not.toThrow();
  });
});
