import { verify } from 'unixcrypt';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { imageOf } from '../detection/image-families.fixture.js';
import type { MemoryImageFiles } from '../detection/memory-image-files.fixture.js';
import {
  customize,
  everything,
  FAMILIES,
  hostKeys,
  KEY,
  PASSWORD,
  shared,
} from './customized-image.fixture.js';

function shadowOf(root: MemoryImageFiles, user: string): string[] {
  const text = root.dump().get('/etc/shadow')!.text;
  return text
    .split('\n')
    .find((line) => line.startsWith(`${user}:`))!
    .split(':');
}

describe.each(FAMILIES)('%s', (name) => {
  it('has hostname, our host keys and no others', async () => {
    const { root } = await shared(name);
    const files = root.dump();
    expect(files.get('/etc/hostname')?.text).toBe('node1\n');
    expect(files.get('/etc/hosts')?.text).toMatch(/^127\.0\.1\.1\tnode1$/m);
    const keys = [...files.keys()].filter((path) => path.startsWith('/etc/ssh/ssh_host_')).sort();
    expect(keys).toEqual(hostKeys.flatMap(({ path }) => [path, `${path}.pub`]).sort());
    for (const { path, privateKey, publicKey } of hostKeys) {
      expect(files.get(path)).toMatchObject({ mode: 0o600, uid: 0, text: privateKey.reveal() });
      expect(files.get(`${path}.pub`)?.text).toBe(`${publicKey}\n`);
    }
  });

  it('lets the user in with key and password and forces no change', async () => {
    const { root } = await shared(name);
    const files = root.dump();
    const passwd = files
      .get('/etc/passwd')!
      .text.split('\n')
      .find((line) => line.startsWith('ops:'))!
      .split(':');
    const uid = Number(passwd[2]);
    expect(uid).toBeGreaterThanOrEqual(1000);
    expect(passwd.slice(5)).toEqual(['/home/ops', '/bin/bash']);
    const [, hash, ...aging] = shadowOf(root, 'ops');
    expect(verify(PASSWORD, hash!)).toBe(true);
    expect(aging).toEqual(['', '0', '99999', '7', '', '', '']);
    expect(files.get('/home/ops')).toMatchObject({ uid, mode: 0o750 });
    expect(files.get('/home/ops/.ssh')).toMatchObject({ uid, mode: 0o700 });
    expect(files.get('/home/ops/.ssh/authorized_keys')).toMatchObject({ uid, mode: 0o600, text: `${KEY}\n` });
    expect(files.get('/etc/sudoers.d/90-turingpi-ops')).toMatchObject({ uid: 0, mode: 0o440 });
    expect(files.get('/etc/group')?.text).toMatch(/^sudo:.*\bops\b/m);
    expect(files.get('/etc/shadow')?.mode).toBe(0o640);
    expect(files.get('/etc/ssh/sshd_config.d/10-turingpi.conf')?.text).toContain(
      'PasswordAuthentication yes',
    );
    expect([...files.keys()]).toContainEqual(expect.stringMatching(/\.wants\/ssh\.(service|socket)$/));
  });

  it('holds no clear-text password, neither ours nor a shipped one', async () => {
    const { all } = await shared(name);
    for (const files of all)
      for (const [path, { text }] of files.dump()) {
        expect(text, path).not.toContain(PASSWORD);
        expect(text, path).not.toContain('ubuntu:ubuntu');
      }
  });

  it('has one static address and nothing that would ask DHCP', async () => {
    const { root, all, detected } = await shared(name);
    const active = [...root.dump()].filter(([path]) =>
      /^\/etc\/(netplan|network|NetworkManager\/system-connections|systemd\/network)\//.test(path),
    );
    const text = active.map(([, file]) => file.text).join('\n');
    expect(text).toContain('192.168.1.100');
    expect(text).not.toMatch(/dhcp4: *(true|yes)|inet dhcp|DHCP=(yes|ipv4)|\[ipv4\]\nmethod=auto/);
    for (const [path, { mode, uid }] of active)
      if (/netplan\/.*yaml$|nmconnection$/.test(path)) expect([path, mode, uid]).toEqual([path, 0o600, 0]);
    if (detected.cloudInit.state !== 'enabled') return;
    expect(root.dump().get('/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg')?.text).toBe(
      'network: {config: disabled}\n',
    );
    const seed = all
      .flatMap((files) => [...files.dump()])
      .find(([path]) => path.endsWith('/network-config'))!;
    expect(parse(seed[1].text)).toMatchObject({
      version: 2,
      ethernets: { turingpi: { dhcp4: false, addresses: ['192.168.1.100/24'] } },
    });
  });

  it('has time zone and locale; what cloud-init will make is left to it', async () => {
    const { root, all, detected } = await shared(name);
    const files = root.dump();
    expect(files.get('/etc/localtime')).toMatchObject({
      type: 'symlink',
      text: '/usr/share/zoneinfo/Europe/Berlin',
    });
    expect(files.get('/etc/locale.gen')?.text).toMatch(/^de_DE\.UTF-8 UTF-8$/m);
    if (detected.cloudInit.state === 'enabled') {
      const [, userData] = all
        .flatMap((tree) => [...tree.dump()])
        .find(([path]) => path.endsWith('/user-data'))!;
      expect(parse(userData.text)).toMatchObject({ locale: 'de_DE.UTF-8' });
      expect(files.has('/etc/default/locale')).toBe(false);
      return;
    }
    expect(files.get('/etc/default/locale')?.text).toBe('LANG=de_DE.UTF-8\n');
  });

  it('stays the same when it is customised again', async () => {
    const [once, twice] = [await shared(name), await customize(name, everything, 2)];
    expect([...twice.root.dump().keys()].sort()).toEqual([...once.root.dump().keys()].sort());
    for (const path of ['/etc/passwd', '/etc/group', '/etc/hosts', '/etc/locale.gen'])
      expect(twice.root.dump().get(path)?.text).toBe(once.root.dump().get(path)?.text);
  });

  it('keeps its accounts when no user is asked for', async () => {
    const { root } = await customize(name, null);
    expect(root.dump().get('/etc/passwd')?.text).toBe(imageOf(name).root.dump().get('/etc/passwd')?.text);
    expect(root.dump().has('/etc/ssh/sshd_config.d/10-turingpi.conf')).toBe(false);
  });
});

describe('first boot', () => {
  it('replaces the shipped seed where cloud-init looks for it, with the instance that is given', async () => {
    const one = await customize('Ubuntu for RK1, v2.x (CIDATA)');
    const seed = one.all[1]!.dump();
    const userData = seed.get('/user-data')!.text;
    expect(userData.startsWith('#cloud-config\n')).toBe(true);
    expect(parse(userData)).toMatchObject({
      hostname: 'node1',
      chpasswd: { expire: false },
      groups: ['video'],
      ssh_pwauth: true,
      ssh_deletekeys: false,
      users: [{ name: 'ops', lock_passwd: false, ssh_authorized_keys: [KEY] }],
    });
    const metaData = parse(seed.get('/meta-data')!.text) as Record<string, string>;
    expect(metaData).toMatchObject({ dsmode: 'local', 'local-hostname': 'node1' });
    expect(metaData).not.toHaveProperty('instance_id');
    expect(metaData['instance-id']).toBe('turingpi-test');
    expect(one.result).toMatchObject({ username: 'ops', firstBoot: 'cloud-init', notices: [] });
    expect(one.root.dump().has('/var/lib/cloud/seed/nocloud')).toBe(false);
  });

  it('seeds a cloud image without a seed partition in its root filesystem', async () => {
    const { root } = await shared('Debian cloud image');
    expect(root.dump().get('/var/lib/cloud/seed/nocloud/user-data')).toMatchObject({ mode: 0o600 });
    expect(root.dump().get('/etc/cloud/cloud.cfg.d/99-turingpi-datasource.cfg')?.text).toContain('NoCloud');
  });

  it("skips Armbian's wizard, locks its known root password and keeps our host keys", async () => {
    const { root } = await shared('Armbian Debian, minimal');
    const files = root.dump();
    expect(files.has('/root/.not_logged_in_yet')).toBe(false);
    expect(shadowOf(root, 'root')[1]).toBe('!*');
    expect(files.get('/etc/default/armbian-firstrun')?.text).toBe(
      '# settings\nOPENSSHD_REGENERATE_HOST_KEYS=false\n',
    );
    expect(files.has('/etc/systemd/system/serial-getty@.service.d/override.conf')).toBe(false);
    expect(files.has('/etc/systemd/system/multi-user.target.wants/armbian-firstrun.service')).toBe(true);
    expect(files.has('/var/lib/turingpi/replaced/etc/netplan/10-dhcp-all-interfaces.yaml')).toBe(true);
  });

  it("leaves Armbian's wizard alone when no user is asked for: it would be the only way in", async () => {
    const { root } = await customize('Armbian Debian, minimal', null);
    expect(root.dump().has('/root/.not_logged_in_yet')).toBe(true);
  });

  it("skips Ubuntu's setup for new owners, and only when a user is asked for", async () => {
    const target = '/etc/systemd/system/default.target';
    const { root } = await shared('Ubuntu for RK1, v2.x desktop');
    expect(root.dump().get(target)?.text).toBe('/lib/systemd/system/graphical.target');
    const { root: untouched } = await customize('Ubuntu for RK1, v2.x desktop', null);
    expect(untouched.dump().get(target)?.text).toBe('/lib/systemd/system/oem-config.target');
  });

  it("makes Raspberry Pi OS's user ours, skips its dialogue and keeps our host keys through its first boot", async () => {
    const { root, all } = await shared('Raspberry Pi OS Bookworm');
    const files = root.dump();
    expect(files.get('/etc/passwd')?.text).toContain('ops:x:1000:1000:,,,:/home/ops:/bin/bash');
    expect(files.get('/etc/passwd')?.text).not.toContain('pi:');
    expect(files.get('/etc/group')?.text).toMatch(/^gpio:x:997:ops$/m);
    expect(files.has('/home/ops/.bashrc')).toBe(true);
    expect(files.has('/home/pi')).toBe(false);
    expect(files.has('/etc/sudoers.d/010_pi-nopasswd')).toBe(false);
    expect(files.get('/usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys')).toMatchObject({
      mode: 0o755,
    });
    expect(files.get('/usr/lib/raspberrypi-sys-mods/regenerate_ssh_host_keys')?.text).not.toContain('rm -f');
    for (const unit of ['userconfig', 'regenerate_ssh_host_keys'])
      expect(files.has(`/etc/systemd/system/multi-user.target.wants/${unit}.service`)).toBe(false);
    expect(all[1]!.dump().get('/config.txt')?.text).toBe('arm_64bit=1\n\n[all]\nenable_uart=1\n');
    expect(all[1]!.dump().get('/cmdline.txt')?.text).toContain('firstboot'); // it also grows the root filesystem
  });

  it('tells Raspberry Pi OS Trixie to start sshd', async () => {
    const { all } = await shared('Raspberry Pi OS Trixie');
    expect(parse(all[1]!.dump().get('/user-data')!.text)).toMatchObject({
      enable_ssh: true,
      users: [{ name: 'ops' }],
    });
  });

  it('installs packages and makes locales by a service where there is no cloud-init', async () => {
    const { root, result } = await shared('Debian with ifupdown');
    expect(result.firstBoot).toBe('service');
    expect(root.dump().get('/usr/local/lib/turingpi/first-boot')).toMatchObject({ mode: 0o755 });
    expect(root.dump().has('/etc/systemd/system/multi-user.target.wants/turingpi-first-boot.service')).toBe(
      true,
    );
    expect((await customize('Debian with ifupdown', { sshKeys: [KEY] })).result.firstBoot).toBe('none');
  });

  it('turns password logins off when a key is given and nothing else is said', async () => {
    const { root, result } = await customize('Debian with ifupdown', { password: PASSWORD, sshKeys: [KEY] });
    expect(root.dump().get('/etc/ssh/sshd_config.d/10-turingpi.conf')?.text).toContain(
      'PasswordAuthentication no',
    );
    expect(result.username).toBe('admin');
    const keyless = await customize('Debian with ifupdown', { password: PASSWORD });
    expect(keyless.root.dump().get('/etc/ssh/sshd_config.d/10-turingpi.conf')?.text).toContain(
      'PasswordAuthentication yes',
    );
  });

  it('locks the password when only a key is given', async () => {
    const { root } = await customize('Debian with ifupdown', { sshKeys: [KEY] });
    expect(shadowOf(root, 'admin')[1]).toMatch(/^!/);
  });
});
