import { Secret } from '@turingpi/foundation';
import type { CredentialPlan, ReconfigurationRequest, SettingChange } from '@turingpi/provisioning';
import { generateKeyPair, parsePublicKey } from '@turingpi/runtime';
import { describe, expect, it } from 'vitest';
import { reconfigureLinux } from './reconfigure-linux.js';

const [kept, added, dropped] = await Promise.all(
  ['kept', 'added', 'dropped'].map((comment) => generateKeyPair('ed25519', { comment })),
).then((pairs) => pairs.map(({ publicKey }) => publicKey));
const fingerprint = (key = '') => parsePublicKey(key).fingerprint;
const NOTHING: CredentialPlan = {
  ...{ username: undefined, password: undefined, passwordFrom: undefined, sshKeys: [] },
  ...{ passwordAuthentication: undefined, timezone: undefined, locale: undefined, packages: [] },
};

/** What becomes of changes, with the inputs of their actions. */
async function reconfigured(
  changes: readonly Partial<SettingChange>[],
  credentials: Partial<CredentialPlan> = {},
  inputs: ReconfigurationRequest['image']['inputs'] = {},
) {
  const asked = changes.map((change) => ({
    name: '',
    before: undefined,
    after: undefined,
    tried: [],
    ...change,
  }));
  const found = reconfigureLinux({
    ...{ changes: asked, username: 'admin', network: { hostname: 'renamed', ipCidr: '10.0.0.2/24' } },
    image: { inputs } as ReconfigurationRequest['image'],
    credentials: { ...NOTHING, ...credentials },
    passwordSalt: () => Promise.resolve('salt'),
    installationRecord: () => Promise.resolve('{}'),
  });
  return Promise.all(
    found
      .filter(({ settings }) => settings.length > 0)
      .map(async ({ settings, leaves, actions }) => ({
        ...{ settings, leaves },
        actions: await Promise.all(
          actions.map(async ({ action, input, afterLogin }) => ({
            action,
            input: await input(),
            afterLogin,
          })),
        ),
      })),
  );
}

describe('settings that are applied to a Linux as it runs', () => {
  it('those that have an action of the same meaning; others are left out', async () => {
    const names = [
      'network.hostname',
      'timezone',
      'locale',
      'network.address',
      'base',
      'user.name',
      'os.token',
    ];
    const found = await reconfigured(
      names.map((name) => ({ name })),
      { timezone: 'Europe/Berlin' },
    );
    expect(found.flatMap(({ settings }) => settings)).toEqual([
      ...['network.hostname', 'timezone', 'locale', 'network.address'],
    ]);
    expect(found[0]?.actions).toMatchObject([{ action: 'hostname', input: 'renamed' }]);
    expect(found[2]).toMatchObject({ actions: [], leaves: expect.stringContaining('stays') as string });
  });

  it('packages that are not asked for any more stay installed, those included that were only tried', async () => {
    const change = { name: 'packages', before: ['htop', 'jq'], after: ['jq'], tried: [['tmux']] };
    const [found] = await reconfigured([change], { packages: ['jq'] });
    expect(found).toMatchObject({
      leaves: 'stays installed: htop, tmux',
      actions: [{ action: 'apt', input: ['jq'] }],
    });
  });

  it('a key that was let in by us is taken away, after a login with the others', async () => {
    const change = {
      name: 'user.sshKeys',
      before: [fingerprint(kept), fingerprint(dropped)],
      after: [fingerprint(kept), fingerprint(added)],
      tried: [[fingerprint(kept)]],
    };
    const keys = [kept!, added!];
    const [found] = await reconfigured([change], { sshKeys: keys });
    expect(found?.actions).toEqual([
      { action: 'authorizedKeys', input: { user: 'admin', keys }, afterLogin: undefined },
      {
        ...{ action: 'authorizedKeys', afterLogin: true },
        input: { user: 'admin', keys, absent: [fingerprint(dropped)] },
      },
    ]);
  });

  it('a password is not made the only way in to a server that takes keys alone', async () => {
    const password = new Secret('correct-horse');
    const changes = [
      { name: 'user.sshKeys', before: [fingerprint(kept)] },
      { name: 'user.password', before: undefined, after: 'digest' },
    ];
    expect(await reconfigured(changes, { password })).toEqual([]);
    const byPassword = [{ name: 'user.password', before: 'a', after: 'b' }];
    expect(await reconfigured(byPassword, { password }, { 'user.password': 'a' })).toHaveLength(1);
  });
});
