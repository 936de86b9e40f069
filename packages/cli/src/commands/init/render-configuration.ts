import { NODE_IDS } from '@turingpi/foundation';
import { stringify } from 'yaml';
import type { ChosenImage } from './choose-images.js';
import type { ChosenNetwork } from './choose-network.js';
import type { SlotList } from './init-options.js';

/** Everything that a configuration made by `turingpi init` says. */
export interface Answers {
  /** Of the board controller. */
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  readonly username: string;
  readonly password: { readonly env: string } | { readonly file: string };
  readonly publicKeyPin: string;
  readonly slots: SlotList;
  readonly images: readonly ChosenImage[];
  readonly network: ChosenNetwork;
  readonly user: string;
  readonly publicKey: string;
  /** As the configuration says it; undefined where an agent is asked. */
  readonly privateKeyFile: string | undefined;
  /** Where SSH reaches simulated nodes, at the address of their board: node 1 here, the others behind it. */
  readonly sshPort: number | undefined;
  readonly schemaFile: string;
}

/** The text of a configuration, with comments that say what one may want to change. */
export function renderConfiguration(answers: Answers): string {
  const { host, port, httpPort, username, password, publicKeyPin, network, privateKeyFile } = answers;
  return `# yaml-language-server: $schema=${answers.schemaFile}
# Made by \`turingpi init\`.
#   turingpi validate    finds what is wrong in this file; reaches nothing
#   turingpi rehearse    does the same on a simulated board first
#   turingpi plan        says what up would do
#   turingpi up          makes it so; asks before a disk is erased

# The board controller (BMC): its address, and its login, which is that of its own SSH as well.
ip: ${scalar(host)}
bmc:
${port === 443 ? '' : `  port: ${port}\n`}${httpPort === 80 ? '' : `  httpPort: ${httpPort}\n`}  username: ${scalar(username)}
  password: ${inline(password)}
  # The key of the board was confirmed on this computer. This line says it to every computer that has this file:
  # publicKeyPin: ${publicKeyPin}

# What is on record of this board's nodes, in the cache directory of the user. Other boards have other files.
stateFileName: ${scalar(stateFileNameOf(answers))}

# What all nodes have in common. {id} stands for the number of the slot.
network:
  gateway: ${scalar(network.gateway)}
  dnsServers: [${network.dnsServers.map(scalar).join(', ')}]
  prefixLength: ${network.prefixLength}
  hostnamePattern: turing-{id}

# How this computer logs in to the nodes: with the private half of a key in workflow.user.sshKeys.
ssh:
  ${privateKeyFile === undefined ? 'useAgent: true' : `privateKey: ${inline({ file: privateKeyFile })}`}

# The nodes, by slot. A node is given its \`ip\`: nobody else may have it, DHCP included.
# protect: true keeps the disk of a node from being erased, whatever is asked for.
${nodes(answers)}
workflow:
  # Where the systems come from: a path, { url, sha256 } or { url, sha256Url }.
  baseImages:
${answers.images.map(baseImage).join('')}
  # Who may log in from the first boot on.
  user:
    name: ${scalar(answers.user)}
    sshKeys:
      - ${scalar(answers.publicKey)}

  # True at the first boot as well:
  # timezone: Europe/Berlin
  # packages: [htop]
  # files:
  #   - { path: /etc/motd, content: "Hello\\n" }

  # Done over SSH when a node is up:
  # postInstall:
  #   - run: systemctl enable my_app
`;
}

function nodes({ slots, network, images, host, sshPort }: Answers): string {
  return NODE_IDS.map((id) => {
    const board = slots[id];
    if (board === undefined) return `# node${id}: nothing is in slot ${id}\n`;
    const os = images.find((image) => image.board === board)?.os ?? '';
    const ssh =
      sshPort === undefined
        ? ''
        : `  # A simulated node answers here, a real one at its own address.\n  ssh: ${inline({ host, port: sshPort + id - 1 })}\n`;
    return `node${id}:\n  ip: ${scalar(network.addresses.get(id) ?? '')}\n  board: ${scalar(board)}\n  os: ${scalar(os)}\n${ssh}`;
  }).join('');
}

function baseImage({ os, board, source, remark }: ChosenImage): string {
  return `${remark === undefined ? '' : `    # ${remark.replaceAll(/\s+/g, ' ')}\n`}    ${scalar(`${os}/${board}`)}: ${inline(source)}\n`;
}

/** A text as YAML writes it, in quotes only where it needs them. */
function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}

function inline(value: unknown): string {
  return stringify(value, { lineWidth: 0, collectionStyle: 'flow' }).trimEnd();
}

/** Of each board another one: several configurations of a user have one cache directory. */
function stateFileNameOf({ host, publicKeyPin }: Answers): string {
  const address = host.replaceAll(/[^a-z0-9.-]+/gi, '-').replace(/^[.-]+/, '');
  return `${address}-${publicKeyPin.replace(/^sha256:/, '').slice(0, 6)}.tpi_state.json`;
}
