/** What a boot log says about a node that does not answer. */
export interface ConsoleDiagnosis {
  /** One sentence for people. */
  readonly message: string;
  /** Waiting any longer is useless. */
  readonly fatal: boolean;
  readonly hint?: string;
}

interface Sign {
  readonly pattern: RegExp;
  readonly diagnose: (match: RegExpExecArray) => ConsoleDiagnosis;
}

const FATAL: readonly Sign[] = [
  {
    pattern: /Kernel panic - not syncing: (.+)/,
    diagnose: (match) => ({
      message: `the kernel panicked: ${match[1] ?? ''}`,
      fatal: true,
      hint: "The image may be damaged or made for another board. Check it with 'turingpi image info'.",
    }),
  },
  {
    pattern: /You are in emergency mode|Welcome to emergency mode|Entering emergency mode/i,
    diagnose: () => ({
      message: 'the node stopped in emergency mode',
      fatal: true,
      hint: 'A file system could not be mounted or checked; the console tells which one.',
    }),
  },
  {
    pattern: /(?:ALERT!\s+(.+) does not exist|^\(initramfs\))/m,
    diagnose: (match) => ({
      message: `the root filesystem was not found${match[1] === undefined ? '' : `: ${match[1]}`}`,
      fatal: true,
      hint: 'The kernel command line names another partition than the image has.',
    }),
  },
  {
    pattern: /Unable to (?:read|find) (?:partition|boot)|No bootable device|Bad Linux ARM64 Image magic/i,
    diagnose: (match) => ({ message: `the boot loader found nothing to boot: ${match[0]}`, fatal: false }),
  },
];

/** Lines that tell which address an interface got, from cloud-init, systemd-networkd, NetworkManager and dhclient. */
const ADDRESSES: readonly RegExp[] = [
  /ci-info:\s*\|\s*(?<device>\S+)\s*\|\s*True\s*\|\s*(?<address>\d+\.\d+\.\d+\.\d+)\s*\|/,
  /(?<device>\S+): DHCPv4 address (?<address>\d+\.\d+\.\d+\.\d+)\/\d+/,
  /dhcp4 \((?<device>[^)]+)\):.*address[= ](?<address>\d+\.\d+\.\d+\.\d+)/,
  /bound to (?<address>\d+\.\d+\.\d+\.\d+)/,
];

function otherAddress(lines: readonly string[], expected: string): ConsoleDiagnosis | undefined {
  let other: { address: string; device: string | undefined } | undefined;
  for (const line of lines)
    for (const pattern of ADDRESSES) {
      const groups = pattern.exec(line)?.groups;
      const address = groups?.['address'];
      if (address === undefined || address.startsWith('127.')) continue;
      if (address === expected) return undefined;
      other = { address, device: groups?.['device'] };
    }
  if (!other) return undefined;
  const where = other.device === undefined ? '' : ` on ${other.device}`;
  return {
    message: `the node was answered by DHCP${where}: it has ${other.address} and not ${expected}`,
    fatal: false,
    hint: `Its interface may have a name that the network configuration does not match${where === '' ? '' : `; try interfaceName: '${other.device ?? ''}'`}.`,
  };
}

/** Reads a diagnosis out of the console's lines; undefined when they tell nothing. */
export function diagnoseConsole(
  lines: readonly string[],
  expectedAddress: string,
): ConsoleDiagnosis | undefined {
  const text = lines.join('\n');
  for (const { pattern, diagnose } of FATAL) {
    const match = pattern.exec(text);
    if (match) return diagnose(match);
  }
  const elsewhere = otherAddress(lines, expectedAddress);
  if (elsewhere) return elsewhere;
  if (
    /Wait for Network to be Configured|systemd-networkd-wait-online.*(timed? ?out|Failed)|Timeout occurred while waiting for network/i.test(
      text,
    )
  )
    return {
      message: 'the node waits for its network',
      fatal: false,
      hint: 'Is the node connected, and is the address free and in the right network?',
    };
  if (/^\S+ login:\s*$/m.test(text))
    return {
      message: 'the node reached its login prompt, but its network does not answer',
      fatal: false,
      hint: 'Check address, prefix length and VLAN; the serial console lets you look.',
    };
  if (/U-Boot|Starting kernel/.test(text) && !/systemd\[1\]|Linux version/.test(text))
    return { message: 'the boot loader ran, and nothing of Linux was seen', fatal: false };
  return undefined;
}
