import { describe, expect, it } from 'vitest';
import { MemoryImageFiles, type TreeEntry } from '../detection/memory-image-files.fixture.js';
import { resetMachineIdentity } from './machine-identity.js';

const ID = '0123456789abcdef0123456789abcdef\n';

async function reset(
  tree: Readonly<Record<string, TreeEntry>>,
  boot: Readonly<Record<string, TreeEntry>> = {},
) {
  const root = new MemoryImageFiles(tree);
  const files = new MemoryImageFiles(boot, 'esp');
  const paths = await resetMachineIdentity({ root, others: [{ number: 1, label: 'esp', files }] });
  return { paths, files: root.dump(), boot: files.dump() };
}

describe('the identity of an image that has booted', () => {
  it('is emptied, so that each node makes its own machine id without a first boot of units', async () => {
    const { files, paths } = await reset({
      '/etc/machine-id': { content: ID, mode: 0o444 },
      '/var/lib/dbus/machine-id': ID,
    });
    expect(files.get('/etc/machine-id')).toMatchObject({ type: 'file', text: '', mode: 0o444, uid: 0 });
    expect(files.get('/var/lib/dbus/machine-id')).toMatchObject({ type: 'symlink', text: '/etc/machine-id' });
    expect(paths).toEqual(['/etc/machine-id', '/var/lib/dbus/machine-id']);
  });

  it("does not leave D-Bus's copy where systemd would take it from, however the two are linked", async () => {
    const old = await reset({
      '/etc/machine-id': { link: '/var/lib/dbus/machine-id' },
      '/var/lib/dbus/machine-id': ID,
    });
    expect(old.files.get('/etc/machine-id')).toMatchObject({ type: 'file', text: '' });
    expect(old.files.get('/var/lib/dbus/machine-id')).toMatchObject({ type: 'symlink' });
    const half = await reset({ '/etc/machine-id': '', '/var/lib/dbus/machine-id': ID });
    expect(half.files.get('/var/lib/dbus/machine-id')).toMatchObject({ type: 'symlink' });
  });

  it.each([
    ['empty', { '/etc/machine-id': '' }],
    ['marked for a first boot', { '/etc/machine-id': 'uninitialized\n' }],
    ['not there', { '/etc/hostname': 'x' }],
    ['linked already', { '/etc/machine-id': '', '/var/lib/dbus/machine-id': { link: '/etc/machine-id' } }],
  ] as const)('stays as its maker left it: %s', async (_, tree) => {
    const { files, paths } = await reset(tree);
    expect(paths).toEqual([]);
    expect(files).toEqual(new MemoryImageFiles(tree).dump());
  });

  it('goes with whatever else one machine must not share with another', async () => {
    const { files, boot, paths } = await reset(
      {
        '/var/lib/systemd/random-seed': 'x',
        '/var/lib/systemd/credential.secret': 'x',
        '/var/lib/NetworkManager/secret_key': 'x',
        '/var/lib/cloud/instance': { link: '/var/lib/cloud/instances/i-1' },
        '/var/lib/cloud/instances/i-1/obj.pkl': 'x',
        '/var/lib/cloud/data/set-hostname': '{}',
        '/var/lib/cloud/scripts/per-boot/mine.sh': 'kept',
        '/var/lib/cloud/seed/nocloud/user-data': 'kept',
        '/etc/iscsi/initiatorname.iscsi': 'InitiatorName=iqn.2004-10.com.ubuntu:01:a1b2c3\n',
      },
      { '/loader/random-seed': 'x', '/EFI/BOOT/BOOTAA64.EFI': 'kept' },
    );
    const left = [...files].filter(([, { type }]) => type === 'file').map(([path, { text }]) => [path, text]);
    expect(left).toEqual([
      ['/var/lib/cloud/scripts/per-boot/mine.sh', 'kept'],
      ['/var/lib/cloud/seed/nocloud/user-data', 'kept'],
      ['/etc/iscsi/initiatorname.iscsi', 'GenerateName=yes\n'],
    ]);
    expect(boot.has('/loader/random-seed')).toBe(false);
    expect(boot.has('/EFI/BOOT/BOOTAA64.EFI')).toBe(true);
    expect(paths).toContain('/var/lib/cloud/instance');
  });

  it('is kept where something else depends on it, or somebody chose it', async () => {
    const { files } = await reset({
      '/var/lib/systemd/credential.secret': 'x',
      '/etc/credstore.encrypted/token': 'only that secret opens it',
      '/etc/iscsi/initiatorname.iscsi': 'InitiatorName=iqn.2026-01.lan.example:storage\n',
    });
    expect(files.get('/var/lib/systemd/credential.secret')?.text).toBe('x');
    expect(files.get('/etc/iscsi/initiatorname.iscsi')?.text).toContain('iqn.2026-01.lan.example:storage');
  });
});
