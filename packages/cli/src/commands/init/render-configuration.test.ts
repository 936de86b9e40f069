import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Answers, renderConfiguration } from './render-configuration.js';

const answers: Answers = {
  ...{ host: '192.168.7.20', port: 443, httpPort: 80, username: 'root', password: { env: 'TPI_PASSWORD' } },
  publicKeyPin: 'sha256:b9345dc1cfcb6bc4ef66a5832c70c93b728bfaf2883f6ff326e4e4fcc24a2689',
  slots: { 1: 'rk1', 2: undefined, 3: 'cm4', 4: undefined },
  images: [
    { os: 'ubuntu', board: 'rk1', source: './ubuntu.img.xz', remark: undefined },
    { os: 'debian', board: 'cm4', source: './debian.img.xz', remark: undefined },
  ],
  network: {
    ...{ gateway: '192.168.7.1', dnsServers: ['192.168.7.1'], prefixLength: 24 },
    addresses: new Map([
      [1, '192.168.7.21'],
      [3, '192.168.7.23'],
    ]),
  },
  ...{ user: 'admin', publicKey: 'ssh-ed25519 AAAA me', privateKeyFile: undefined },
  ...{ sshPort: undefined, schemaFile: './turingpi.schema.json' },
};
const nodesOf = (changed: Partial<Answers>) => {
  const { node1, node3 } = parse(renderConfiguration({ ...answers, ...changed })) as Record<string, unknown>;
  return { node1, node3 };
};

describe('the configuration that init writes', () => {
  it('reaches nodes at their own addresses', () => {
    expect(nodesOf({})).toEqual({
      node1: { ip: '192.168.7.21', board: 'rk1', os: 'ubuntu' },
      node3: { ip: '192.168.7.23', board: 'cm4', os: 'debian' },
    });
  });

  it('reaches simulated nodes at the address of their board, wherever it is', () => {
    expect(nodesOf({ sshPort: 2201 })).toMatchObject({
      node1: { ssh: { host: '192.168.7.20', port: 2201 } },
      node3: { ssh: { host: '192.168.7.20', port: 2203 } },
    });
  });
});
