import type { VirtualBoard } from '@turingpi/virtual-board';
import { DEMO_BASE_IMAGES } from './demo-files.js';

export interface DemoConfigOptions {
  readonly board: VirtualBoard;
  readonly publicKey: string;
  /** Last number of each node's address, Node1 first. */
  readonly addresses: readonly number[];
}

/** The demo's `turingpi.yaml`, as a user would write it, pointing at the simulated board. */
export function renderDemoConfig({ board, publicKey, addresses }: DemoConfigOptions): string {
  const nodes = board.nodes.map(
    ({ id, board: type, ssh }, index) => `node${id}:
  ip: 192.168.1.${addresses[index] ?? 100 + index}
  board: ${type ?? 'rk1'}
  os: ${type === 'cm4' ? 'debian' : 'ubuntu'}
  # Simulated nodes answer here; real ones at their own address, port 22.
  ssh: { host: ${ssh?.host ?? '127.0.0.1'}, port: ${ssh?.port ?? 22} }
`,
  );
  return `# Made by \`turingpi demo\`: four nodes of a simulated board.
# Terminal 1: npx turingpi virtual-board -c turingpi.yaml
# Terminal 2: npx turingpi up -c turingpi.yaml
ip: ${board.https.host}
cacheDir: .
bmc:
  port: ${board.https.port}
${board.http === undefined ? '' : `  httpPort: ${board.http.port}\n`}  username: root
  password: { file: ./secrets/bmc_password }
  # The key that this board, and no other, identifies itself with.
  publicKeyPin: ${board.publicKeyPin}
network:
  gateway: 192.168.1.1
  dnsServers: [192.168.1.1, 9.9.9.9]
  prefixLength: 24
  hostnamePattern: turing-{id}
ssh:
  privateKey: { file: ./secrets/id_ed25519 }
${nodes.join('')}
workflow:
  baseImages:
    ubuntu: ./base/${DEMO_BASE_IMAGES.ubuntu}
    debian: ./base/${DEMO_BASE_IMAGES.debian}
  user:
    name: admin
    password: { file: ./secrets/user_password }
    sshKeys:
      - ${publicKey}
  timezone: Etc/UTC
  files:
    - { path: /etc/motd, content: "Provisioned by turingpi\\n" }
    - { path: /usr/local/bin/greet.sh, source: ./files/greet.sh, mode: "0755" }
    - { path: /etc/systemd/system/greet.service, source: ./files/greet.service }
  postInstall:
    - run: systemctl enable greet.service
    - write: { path: /etc/turingpi-demo, content: "finished over SSH\\n", mode: "0644" }
    - apt: [htop]
    - run: [cat, /etc/hostname]
`;
}
