import { execa } from 'execa';
import { CleanupStack } from '@turingpi/foundation';

/** Ports of 1 Gbit let this much through, net; what a queue holds beyond it is dropped. */
const BURST = '256kb';
const LATENCY = '50ms';

/** How much a wire lets through to whoever is at its end, MB/s. */
export interface Wire {
  readonly name: string;
  readonly megabytesPerSecond: number;
}

/**
 * A switch with this computer and others at it, each in a network namespace of its own, as four nodes and a controller
 * are. Each wire lets through what its port does, in both directions: by the token bucket of Linux (`tc-tbf`). Needs root.
 */
export class NodeNetwork implements AsyncDisposable {
  /** Of this computer, as the others see it. */
  readonly hostAddress = '10.119.0.1';

  private constructor(
    private readonly prefix: string,
    private readonly cleanup: CleanupStack,
  ) {}

  static async create(host: Omit<Wire, 'name'>, others: readonly Wire[]): Promise<NodeNetwork> {
    await using cleanup = new CleanupStack();
    const prefix = `tp${process.pid}`;
    const network = new NodeNetwork(prefix, cleanup.use('wires', new CleanupStack()));
    const bridge = network.namespace('switch');
    await network.#namespace('switch');
    await ip('-n', bridge, 'link', 'add', 'switch', 'type', 'bridge');
    await ip('-n', bridge, 'link', 'set', 'switch', 'up');
    // This computer's end of its wire is in the namespace that we run in, as our server is.
    await ip('link', 'add', prefix, 'type', 'veth', 'peer', 'name', 'host', 'netns', bridge);
    network.cleanup.defer('wire of this computer', () => ip('link', 'delete', prefix));
    await plug(bridge, { ...host, name: 'host' });
    await ip('address', 'add', `${network.hostAddress}/24`, 'dev', prefix);
    await ip('link', 'set', prefix, 'up');
    await limit([], { ...host, name: prefix });
    for (const [index, wire] of others.entries()) {
      const inside = network.namespace(wire.name);
      await network.#namespace(wire.name);
      await ip(
        ...['-n', bridge, 'link', 'add', wire.name, 'type', 'veth'],
        ...['peer', 'name', 'port', 'netns', inside],
      );
      await plug(bridge, wire);
      await ip('-n', inside, 'address', 'add', `10.119.0.${index + 2}/24`, 'dev', 'port');
      await ip('-n', inside, 'link', 'set', 'port', 'up');
      await limit(['-n', inside], { ...wire, name: 'port' });
    }
    cleanup.move();
    return network;
  }

  /** The command line that runs a program where one of the others is. */
  at(name: string, command: readonly string[]): readonly [string, ...string[]] {
    return ['ip', 'netns', 'exec', this.namespace(name), ...command];
  }

  private namespace(name: string): string {
    return `${this.prefix}-${name}`;
  }

  async #namespace(name: string): Promise<void> {
    const namespace = this.namespace(name);
    await ip('netns', 'add', namespace);
    this.cleanup.defer(namespace, () => ip('netns', 'delete', namespace));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cleanup[Symbol.asyncDispose]();
  }
}

async function ip(...parameters: readonly string[]): Promise<void> {
  await execa('ip', parameters);
}

async function plug(bridge: string, wire: Wire): Promise<void> {
  await ip('-n', bridge, 'link', 'set', wire.name, 'master', 'switch', 'up');
  await limit(['-n', bridge], wire);
}

async function limit(where: readonly string[], { name, megabytesPerSecond }: Wire): Promise<void> {
  const rate = `${Math.round(megabytesPerSecond * 8e6)}bit`;
  await execa('tc', [
    ...where,
    ...['qdisc', 'add', 'dev', name, 'root', 'tbf', 'rate', rate, 'burst', BURST, 'latency', LATENCY],
  ]);
}
