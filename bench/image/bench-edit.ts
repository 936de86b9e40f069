import { createHash } from 'node:crypto';

/** What one node's customisation writes. */
export interface BenchEdit {
  /** Files of the root filesystem, by absolute path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** The first-boot seed on the CIDATA partition. */
  readonly seed: Readonly<Record<string, string>>;
}

const BIG_FILE_BYTES = 5_000_000;

/** The customisation of one node: host name, network, seed, three small files, one of 5 MB that does not compress. */
export function benchEdit(node: number): BenchEdit {
  const hostname = `bench-${node}`;
  const text = (content: string) => Buffer.from(content);
  return {
    files: {
      '/etc/hostname': text(`${hostname}\n`),
      '/etc/hosts': text(`127.0.0.1 localhost\n127.0.1.1 ${hostname}\n`),
      '/etc/netplan/10-turingpi.yaml': text(
        `network:\n  version: 2\n  ethernets:\n    lan: { match: { name: 'e*' }, addresses: [192.168.1.${100 + node}/24] }\n`,
      ),
      '/etc/my_app/config': text('data\n'),
      '/usr/local/bin/script.sh': text('#!/bin/sh\necho hello\n'),
      '/etc/motd': text(`this is ${hostname}\n`),
      '/opt/payload.bin': incompressible(BIG_FILE_BYTES),
    },
    seed: {
      '/user-data': `#cloud-config\nhostname: ${hostname}\n`,
      '/meta-data': `instance-id: ${hostname}\n`,
      '/network-config': 'version: 2\n',
    },
  };
}

/** The same bytes each time, which no compressor makes smaller: a chain of digests. */
function incompressible(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let block = createHash('sha256').update('payload').digest();
  for (let offset = 0; offset < length; offset += block.length) {
    block.copy(bytes, offset);
    block = createHash('sha256').update(block).digest();
  }
  return bytes;
}
