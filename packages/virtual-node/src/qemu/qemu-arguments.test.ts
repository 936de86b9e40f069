import { describe, expect, it } from 'vitest';
import { qemuArguments, type QemuArgumentOptions } from './qemu-arguments.js';

const options: QemuArgumentOptions = {
  slot: 3,
  emmcPath: '/tmp/a,b/node3.emmc',
  boot: { kernel: '/k', initrd: '/i', rootUuid: '0d3e7c52-9a64-4b1f-8e2d-71f5a6c0b904' },
  network: {},
  guestAddress: '192.168.1.103',
  forward: { host: '127.0.0.1', port: 40022 },
  memoryMib: 1024,
  processors: 2,
};

function valueOf(name: string, changes: Partial<QemuArgumentOptions> = {}): string | undefined {
  const parameters = qemuArguments({ ...options, ...changes });
  return parameters[parameters.indexOf(name) + 1];
}

describe('qemuArguments', () => {
  it('forwards the port to the address that the system must take itself', () => {
    expect(valueOf('-netdev')).toBe(
      'user,id=lan,net=192.168.1.0/24,host=192.168.1.1,hostfwd=tcp:127.0.0.1:40022-192.168.1.103:22',
    );
    const network = { cidr: '10.7.0.0/16', gateway: '10.7.0.254' };
    expect(valueOf('-netdev', { network, guestAddress: undefined })).toBe(
      'user,id=lan,net=10.7.0.0/16,host=10.7.0.254,hostfwd=tcp:127.0.0.1:40022-:22',
    );
  });

  it('finds the root filesystem by its UUID, and takes commas in paths for what they are', () => {
    expect(valueOf('-append')).toMatch(/^root=UUID=0d3e7c52-\S+ .*console=ttyS0/);
    expect(valueOf('-drive')).toMatch(/^file=\/tmp\/a,,b\/node3\.emmc,format=raw,/);
  });

  it('puts an NVMe beside the eMMC', () => {
    const nvme = { path: '/tmp/n,1', serial: 'S4EW' };
    expect(valueOf('-drive', { nvme })).toMatch(/node3\.emmc/); // the first one
    const all = qemuArguments({ ...options, nvme });
    expect(all).toContain('file=/tmp/n,,1,format=raw,if=none,id=nvme,cache=unsafe');
    expect(all).toContain('nvme,drive=nvme,serial=S4EW');
  });

  it('leaves it to a boot loader to find a kernel on the disk', () => {
    const boot = { firmware: '/u-boot.bin' };
    expect(valueOf('-bios', { boot })).toBe('/u-boot.bin');
    expect(valueOf('-machine', { boot })).toBe('virt');
    expect(qemuArguments({ ...options, boot })).not.toContain('-kernel');
    expect(qemuArguments(options)).not.toContain('-bios');
  });

  it('emulates, also where KVM could be had', () => {
    expect(valueOf('-accel')).toMatch(/^tcg/);
    expect(qemuArguments(options).join(' ')).not.toMatch(/kvm/i);
  });
});
