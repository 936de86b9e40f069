import { describe, expect, it } from 'vitest';
import { MemoryImageFiles } from '../detection/memory-image-files.fixture.js';
import { removeEarlierCustomisation } from './raspberry-pi-leftovers.js';

const USER = { user: true, timezone: false };
const COMMAND_LINE =
  'console=serial0,115200 root=PARTUUID=1-02 rootwait systemd.run=/boot/firmware/firstrun.sh ' +
  'systemd.run_success_action=reboot systemd.unit=kernel-command-line.target\n';
const IMAGER = `#!/bin/bash
set +e
/usr/lib/raspberrypi-sys-mods/imager_custom set_hostname other
/usr/lib/userconf-pi/userconf 'eve' '$5$hash'
rm -f /boot/firstrun.sh
sed -i 's| systemd.run.*||g' /boot/cmdline.txt
exit 0
`;
const CUSTOM = `# made by hand
config_version = 1

[system]
hostname = "other"

[user]
name = "eve"
password = "$5$hash"
password_encrypted = true

[ssh]
enabled = true
authorized_keys = [
  "ssh-ed25519 AAAA eve",
]

[wlan]
ssid = "home"

[locale]
keymap = "de"
timezone = "Europe/Paris"
`;

async function remove(tree: Readonly<Record<string, string>>, asked = USER) {
  const firmware = new MemoryImageFiles(tree, 'bootfs');
  const notices = await removeEarlierCustomisation(firmware, asked);
  return { files: firmware.dump(), notices: notices.map(({ file }) => file) };
}

describe('an earlier customisation of Raspberry Pi OS', () => {
  it("by Imager's script is taken off the command line", async () => {
    const { files, notices } = await remove({ '/cmdline.txt': COMMAND_LINE, '/firstrun.sh': IMAGER });
    expect(files.has('/firstrun.sh')).toBe(false);
    expect(files.get('/cmdline.txt')?.text).toBe('console=serial0,115200 root=PARTUUID=1-02 rootwait\n');
    expect(notices).toEqual(['bootfs:/firstrun.sh']);
  });

  it('by a script of somebody is refused, with its name', async () => {
    const script = '#!/bin/sh\nuseradd eve\nparted /dev/mmcblk0 resizepart 2 100%\n';
    await expect(remove({ '/cmdline.txt': COMMAND_LINE, '/firstrun.sh': script })).rejects.toMatchObject({
      code: 'FIRST_BOOT_CONTRADICTS',
      message: expect.stringContaining('bootfs:/firstrun.sh') as string,
    });
  });

  it('stays where it sets nothing that we set, is not started, or is the only way to a user', async () => {
    for (const [tree, asked] of [
      [{ '/cmdline.txt': COMMAND_LINE, '/firstrun.sh': '#!/bin/sh\nrfkill unblock wifi\n' }, USER],
      [{ '/cmdline.txt': 'root=LABEL=x\n', '/firstrun.sh': IMAGER }, USER],
      [
        { '/cmdline.txt': COMMAND_LINE, '/firstrun.sh': IMAGER },
        { user: false, timezone: false },
      ],
      [{ '/userconf.txt': 'eve:hash' }, { user: false, timezone: false }],
    ] as const)
      expect((await remove(tree, asked)).files).toEqual(new MemoryImageFiles(tree, 'bootfs').dump());
  });

  it('by custom.toml loses what is asked otherwise, and keeps the rest', async () => {
    const { files, notices } = await remove({ '/custom.toml': CUSTOM });
    expect(files.get('/custom.toml')?.text).toBe(
      '# made by hand\nconfig_version = 1\n\n[system]\n\n[wlan]\nssid = "home"\n\n[locale]\nkeymap = "de"\ntimezone = "Europe/Paris"\n',
    );
    expect(notices).toEqual(['bootfs:/custom.toml']);
    const zone = await remove({ '/custom.toml': CUSTOM }, { user: false, timezone: true });
    expect(zone.files.get('/custom.toml')?.text).toContain('[user]\nname = "eve"');
    expect(zone.files.get('/custom.toml')?.text).not.toMatch(/timezone|hostname/);
  });

  it('is gone with its file when it said nothing else', async () => {
    const { files } = await remove({
      '/custom.toml': 'config_version = 1\nuser.name = "eve"\n[system]\nhostname = "x"\n',
      '/userconf.txt': 'eve:$6$hash',
    });
    expect([...files.keys()]).toEqual(['/']);
  });
});
