import { isIP, isIPv4 } from 'node:net';
import { NODE_IDS, type NodeId } from '@turingpi/foundation';
import { UsageError } from '../../process/usage-error.js';
import type { InitOptions, SlotList } from './init-options.js';
import type { Questions } from './questions.js';
import { addressOf, suggestNetwork } from './suggest-network.js';

/** The network of the nodes, and the address of each. */
export interface ChosenNetwork {
  readonly gateway: string;
  readonly dnsServers: readonly string[];
  readonly prefixLength: number;
  readonly addresses: ReadonlyMap<NodeId, string>;
}

const DEFAULT_PREFIX = 24;

/** @param boardAddress - what is offered lies beside it */
export async function chooseNetwork(
  options: Pick<InitOptions, 'firstIp' | 'prefix' | 'gateway' | 'dns'>,
  {
    slots,
    boardAddress,
    questions,
  }: {
    readonly slots: SlotList;
    readonly boardAddress: string | undefined;
    readonly questions: Questions;
  },
): Promise<ChosenNetwork> {
  const offered = suggestNetwork(boardAddress);
  const check = (answer: string) => (isIPv4(answer) ? undefined : 'is not an IPv4 address');
  const firstIp =
    options.firstIp ??
    (await questions.text({
      message:
        'Address of the node in slot 1; the others follow it. Nobody else may have them, DHCP included',
      flag: '--first-ip',
      initial: offered.firstIp,
      check,
    }));
  const gateway =
    options.gateway ??
    (await questions.text({
      message: 'Address of the router (gateway)',
      flag: '--gateway',
      initial: sameStart(firstIp, offered.gateway) ? offered.gateway : firstIp.replace(/\d+$/, '1'),
      check,
    }));
  const dnsServers =
    options.dns ??
    (
      await questions.text({
        message: 'Name servers, with commas between them',
        flag: '--dns',
        initial: gateway,
        check: (answer) =>
          listOf(answer).every((one) => isIP(one) !== 0) ? undefined : 'is not a list of addresses',
      })
    )
      .split(',')
      .map((one) => one.trim());
  const addresses = new Map<NodeId, string>();
  for (const id of NODE_IDS) {
    if (slots[id] === undefined) continue;
    const address = addressOf(firstIp, id);
    if (address === undefined)
      throw new UsageError(
        `counted from ${firstIp} there is no address left for node ${id}`,
        'Give a smaller --first-ip: it is that of slot 1.',
      );
    addresses.set(id, address);
  }
  return { gateway, dnsServers, prefixLength: options.prefix ?? DEFAULT_PREFIX, addresses };
}

function sameStart(one: string, other: string): boolean {
  return one.replace(/\d+$/, '') === other.replace(/\d+$/, '');
}

function listOf(text: string): readonly string[] {
  return text.split(',').map((one) => one.trim());
}
