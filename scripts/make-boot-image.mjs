/**
 * Makes one of the images of the boot tests: a real Debian root filesystem, dressed as a system that people flash.
 * Needs root, and Debian's fdisk, dosfstools, mtools, e2fsprogs and xz-utils.
 *
 *   node scripts/make-boot-image.mjs FAMILY ROOT.tar OUTPUT.img.xz
 *
 * ROOT.tar comes from make-debian-root.sh with the packages that `--packages` prints.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { armbian } from './boot-images/armbian.mjs';
import { debianArm64 } from './boot-images/debian-arm64.mjs';
import { DebianRoot } from './boot-images/debian-root.mjs';
import { openrc } from './boot-images/openrc.mjs';
import { debianIfupdown, debianNetworkManager } from './boot-images/plain-debian.mjs';
import { raspberryPiOsTrixie } from './boot-images/raspberry-pi-os-trixie.mjs';
import { ubuntuRk1Cidata, ubuntuRk1SystemBoot } from './boot-images/ubuntu-rk1.mjs';

/** One tar has them all; each family removes what it does not have. */
const PACKAGES = [
  'curl',
  'xz-utils',
  'network-manager',
  'ifupdown',
  'isc-dhcp-client',
  'cloud-guest-utils',
  'systemd-resolved',
  'fdisk',
];
const FAMILIES = {
  'ubuntu-rk1-cidata': ubuntuRk1Cidata,
  'ubuntu-rk1-system-boot': ubuntuRk1SystemBoot,
  'debian-arm64': debianArm64,
  'debian-ifupdown': debianIfupdown,
  'debian-network-manager': debianNetworkManager,
  'raspberry-pi-os-trixie': raspberryPiOsTrixie,
  'armbian-rk1': armbian,
  openrc,
};

const [name = '', tar, output] = process.argv.slice(2);
if (name === '--packages') console.log(PACKAGES.join('\n'));
else make(name);

function make(name) {
  const family = FAMILIES[name];
  if (!family || !tar || !output) {
    console.error(`usage: make-boot-image.mjs ${Object.keys(FAMILIES).join('|')} ROOT.tar OUTPUT.img.xz`);
    process.exit(2);
  }
  const work = mkdtempSync(join(tmpdir(), 'turingpi-boot-image-'));
  try {
    const root = DebianRoot.unpack(tar, join(work, 'root'));
    family.dress(root, work);
    const image = family.layOut(root, join(work, 'disk.img'), work);
    image.pack(output);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
