import { randomUUID } from 'node:crypto';
import { operatingSystemCases } from '@turingpi/conformance';
import { type CustomizedImage, definePlugin, type ModuleId } from '@turingpi/core/plugin';
import { TuringPiError } from '@turingpi/foundation';
import provisioning, {
  type OperatingSystem,
  type ReadinessRequest,
  SSH_RUNTIME,
  sshTargetFor,
  type SystemLogin,
  type SystemRequest,
  writeInstallationRecord,
} from '@turingpi/provisioning';
import type { SshRuntime } from '@turingpi/runtime';
import { baseImagePath } from '@turingpi/virtual-node';
import { describe, expect, it } from 'vitest';

class TinyError extends TuringPiError {}

const refusal = (code: string): TinyError => new TinyError(code, code, { hint: 'Do not.' });

interface TinyPlan {
  readonly hostname: string;
}

type Tiny = OperatingSystem<TinyPlan>;
type Apply = Parameters<Tiny['apply']>;

/** A system that does what it must; of which a test may spoil a part. */
class TinyOs implements Tiny {
  static inject = [SSH_RUNTIME];
  readonly id: string = 'tiny';
  readonly title = 'a tiny system';
  readonly access = 'ssh';
  readonly recipe: number = 1;

  constructor(readonly ssh: SshRuntime) {}

  plan({ network: { hostname } }: SystemRequest): TinyPlan {
    if (hostname === '') throw refusal('TINY_NAMELESS');
    return { hostname };
  }

  async apply(...[{ hostname }, image, { hostKeys }, { installation }]: Apply): ReturnType<Tiny['apply']> {
    const root = await image.files('root');
    if (await root.exists('/etc/rpi-issue')) throw refusal('TINY_FOREIGN');
    await root.writeFile('/etc/hostname', hostname);
    for (const { path, privateKey } of hostKeys)
      await root.writeFile(path, privateKey.reveal(), { mode: 0o600 });
    if (installation) await writeInstallationRecord(root, installation);
    return { record: { facts: { username: 'ops' } } };
  }

  loginOf({ facts }: CustomizedImage): SystemLogin {
    return { username: facts?.['username'] as string };
  }

  async waitUntilReady(request: ReadinessRequest): Promise<ModuleId> {
    const { context, installed, auth, operation, timeoutMs } = request;
    const target = sshTargetFor(context, installed, auth);
    await this.ssh.waitFor(target, { signal: operation.signal, timeoutMs });
    return {};
  }
}

function casesOf(os: new (ssh: SshRuntime) => Tiny) {
  return operatingSystemCases({
    plugin: definePlugin({ name: 'tiny', requires: [provisioning], os: [os] }),
    id: 'tiny',
    board: 'rk1',
    baseImage: baseImagePath('rk1-ubuntu.img.xz'),
    foreignImage: baseImagePath('rpi-debian.img.xz'),
    asked: {
      network: { hostname: 'node1', dhcp4: true },
      credentials: { username: 'ops', password: 'a password of the test' },
    },
    otherwise: { network: { hostname: 'node2', dhcp4: true } },
    wrong: [{ title: 'an empty name', network: { hostname: '', dhcp4: true }, code: 'TINY_NAMELESS' }],
  });
}

describe('a system that does what it must', () => {
  for (const { name, run } of casesOf(TinyOs)) it(name, run);
});

/** A tiny system that does something else, or more, when a plan is applied. */
function spoiltApply(spoil: (apply: Tiny['apply']) => Tiny['apply']) {
  return class extends TinyOs {
    override apply(...given: Apply): ReturnType<Tiny['apply']> {
      return spoil((...changed) => super.apply(...changed))(...given);
    }
  };
}

function spoiltPlan(spoil: (plan: TinyPlan, request: SystemRequest) => TinyPlan) {
  return class extends TinyOs {
    override plan(request: SystemRequest): TinyPlan {
      return spoil(super.plan(request), request);
    }
  };
}

/** What is wrong with a system, the case that must find it, and the system. */
const SPOILT: readonly (readonly [string, string, new (ssh: SshRuntime) => Tiny])[] = [
  ['plans nothing', 'has another plan for another request', spoiltPlan(() => ({ hostname: 'fixed' }))],
  ['plans at random', 'has equal plans', spoiltPlan(() => ({ hostname: randomUUID() }))],
  ['plans what is not JSON', 'plans in JSON', spoiltPlan((plan) => ({ ...plan, at: new Map() }))],
  [
    'plans the password',
    'has no secret in a plan',
    spoiltPlan((plan, { credentials }) => ({ ...plan, word: credentials?.password?.reveal() })),
  ],
  [
    'refuses without a code',
    'refuses an empty name',
    class extends TinyOs {
      override plan(request: SystemRequest): TinyPlan {
        if (request.network.hostname === '') throw new Error('no');
        return super.plan(request);
      }
    },
  ],
  [
    'makes something else each time',
    'makes equal bytes',
    spoiltApply((apply) => async (...given) => {
      await (await given[1].files('root')).writeFile('/etc/machine-id', randomUUID());
      return apply(...given);
    }),
  ],
  [
    'adds to what it has made',
    'adds nothing to an image',
    spoiltApply((apply) => async (...given) => {
      const root = await given[1].files('root');
      await root.writeFile('/etc/motd', `${(await root.readText('/etc/motd')) ?? ''}one more\n`);
      return apply(...given);
    }),
  ],
  ['takes any image', 'refuses an image of another system', spoiltApply(() => () => Promise.resolve({}))],
  [
    'shows callbacks the password',
    'shows callbacks the same image',
    spoiltApply((apply) => async (...given) => {
      await (await given[1].files('root')).writeFile('/etc/hash', given[2].password?.reveal() ?? '');
      return apply(...given);
    }),
  ],
  [
    'writes the password in clear',
    'has the password nowhere',
    spoiltApply((apply) => async (...given) => {
      await (await given[1].files('root')).writeFile('/etc/word', given[2].password?.reveal() ?? '');
      return apply(...given);
    }),
  ],
  [
    'forgets the host keys',
    'answers with our host keys',
    spoiltApply(
      (apply) => (plan, image, secrets, environment) =>
        apply(plan, image, { ...secrets, hostKeys: [] }, environment),
    ),
  ],
  [
    'makes host keys of its own',
    'has no host key in the image that callbacks read from',
    spoiltApply((apply) => async (...given) => {
      await (await given[1].files('root')).writeFile('/etc/ssh/ssh_host_rsa_key', 'made', { mode: 0o600 });
      return apply(...given);
    }),
  ],
  [
    'does not say which installation it is',
    'lets the image say which installation',
    spoiltApply(
      (apply) => (plan, image, secrets, environment) =>
        apply(plan, image, secrets, { ...environment, installation: undefined }),
    ),
  ],
  [
    'records a secret',
    'records in JSON',
    spoiltApply((apply) => async (...given) => ({
      ...(await apply(...given)),
      record: { facts: { username: 'ops', key: given[2].hostKeys[0]?.privateKey.reveal() } },
    })),
  ],
  [
    'names somebody else',
    'tells from the record alone who can log in',
    class extends TinyOs {
      override loginOf(): SystemLogin {
        return { username: 'root' };
      }
    },
  ],
  [
    'ends a stopped wait with an error of its own',
    'waits until its signal fires',
    class extends TinyOs {
      override waitUntilReady(request: ReadinessRequest): Promise<ModuleId> {
        return super.waitUntilReady(request).catch(() => Promise.reject(refusal('TINY_STOPPED')));
      }
    },
  ],
  [
    'takes any node for its own',
    'takes nobody but the installation',
    class extends TinyOs {
      override waitUntilReady(request: ReadinessRequest): Promise<ModuleId> {
        return super.waitUntilReady({ ...request, installed: { ...request.installed, hostKeys: [] } });
      }
    },
  ],
];

it.each(SPOILT)('finds out a system that %s', async (_what, title, os) => {
  const found = casesOf(os).filter(({ name }) => name.includes(title));
  expect(found).toHaveLength(1);
  await expect(found[0]!.run()).rejects.toThrow();
});
