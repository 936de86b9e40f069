import { DiskImage } from './disk-image.mjs';

const ROOT_UUID = '7b1f6a52-90c4-4d0e-8a3b-5c2e9d41f608';
const ROOT_MIB = 600;

/** Debian that is started by OpenRC, with the network and the SSH server in no runlevel: who wants them puts them there. */
export const openrc = {
  dress(root) {
    root.removeHostKeys();
    root.run('rc-update', 'delete', 'networking', 'sysinit');
    root.run('rc-update', 'delete', 'ssh', 'default');
    root.write('/etc/fstab', `UUID=${ROOT_UUID} / ext4 errors=remount-ro 0 1\n`);
    root.write('/etc/hostname', 'openrc\n').write('/etc/hosts', '127.0.0.1\tlocalhost\n127.0.1.1\topenrc\n');
  },
  layOut(root, path, work) {
    return DiskImage.make(
      path,
      work,
      2 + ROOT_MIB,
      `label: gpt\nstart=2048, size=${ROOT_MIB * 2048}, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4\n`,
    ).addExt4({ atMib: 1, sizeMib: ROOT_MIB, label: '', uuid: ROOT_UUID }, root.directory);
  },
};
