import { createTuringPi, definePlugin, type Plugin, type Token, type TuringPi } from '@turingpi/core/plugin';
import provisioningPlugin, {
  BMC_CLIENT,
  type BoardDriver,
  IMAGE_ENGINE,
  LOCAL_RUNTIME,
  SSH_RUNTIME,
  USB_HOST,
} from '@turingpi/provisioning';
import type { SshRuntime } from '@turingpi/runtime';

/** Which plugin is asked, as what. */
interface Asked {
  readonly plugin: Plugin;
  /** Of the operating system. */
  readonly id: string;
  /** Type of the module of its one node. */
  readonly board: string;
}

/** What surrounds it. */
interface Surroundings {
  readonly cacheDir: string;
  readonly ssh: SshRuntime;
  /** Gets a line for every use of another service, which fails. */
  readonly used: string[];
}

/** A cluster of one node that is not there: whoever uses a service, besides SSH, is found out. */
export function openLonelyCluster(
  { plugin, id, board }: Asked,
  { cacheDir, ssh, used }: Surroundings,
): Promise<TuringPi> {
  const surroundings = definePlugin({
    name: 'conformance',
    requires: [provisioningPlugin],
    boards: [silentBoard(board)],
    services: [
      { token: SSH_RUNTIME, useValue: ssh },
      ...Object.entries<Token<unknown>>({ BMC_CLIENT, IMAGE_ENGINE, LOCAL_RUNTIME, USB_HOST }).map(
        ([name, token]) => ({ token, useValue: watchedService(name, used) }),
      ),
    ],
  });
  return createTuringPi(
    {
      ip: '10.0.0.2',
      cacheDir,
      node1: { ip: '10.0.0.11', board, os: id, hostname: 'node1' },
      ssh: { password: 'unused' },
      plugins: [surroundings, plugin], // of two services under one token the first plugin's is taken
    },
    { environment: {} },
  );
}

/** A board whose console prints nothing. */
function silentBoard(id: string): BoardDriver {
  return {
    id,
    title: 'a board',
    strategies: [],
    powerOn: () => Promise.resolve(),
    powerOff: () => Promise.resolve(),
    sendConsoleLine: () => Promise.resolve(),
    async *followConsole({ signal }) {
      yield* [];
      await new Promise((resolve) => {
        if (signal.aborted) resolve(undefined);
        else signal.addEventListener('abort', resolve, { once: true });
      });
    },
  };
}

/** A service that may be held, and not be used. */
function watchedService(name: string, used: string[]): object {
  return new Proxy(
    {},
    {
      get: (_target, method) => {
        if (typeof method === 'symbol' || method === 'then') return undefined; // of whoever holds it
        return () => {
          used.push(`${name}.${method}`);
          throw new Error(`${name} must not be used here`);
        };
      },
    },
  );
}
