import { env } from 'node:process';
import type { NetworkConfig, OsSettingProblem, OsSettings } from '@turingpi/provisioning';
import { type SecretSource, TuringPiError } from '@turingpi/foundation';
import { checkPrivateKey, parsePublicKey } from '@turingpi/runtime';
import { checkPassword } from '../account/password-hash.js';
import { checkUsername } from '../account/username.js';
import { readSecretSource } from '@turingpi/provisioning';
import { checkPackageName } from '../first-boot/first-boot-service.js';
import { checkLocale, checkTimezone } from '../locale/locale.js';
import { planNetwork } from '../network/network-plan.js';

type Setting = OsSettingProblem['setting'];

/** Finds everything in the settings of a declared workflow that no Linux takes, without looking at an image or node. */
export async function checkSettings(settings: OsSettings): Promise<readonly OsSettingProblem[]> {
  const problems: OsSettingProblem[] = [];
  const check = async <T>(
    setting: Setting,
    value: T | undefined,
    look: (value: T) => unknown,
  ): Promise<boolean> => {
    if (value === undefined) return true;
    try {
      await look(value);
      return true;
    } catch (error) {
      if (!TuringPiError.is(error)) throw error;
      problems.push({ setting, code: error.code, message: error.message, hint: error.hint });
      return false;
    }
  };
  const checkEach = async (
    setting: Setting,
    values: readonly string[] | undefined,
    look: (value: string) => unknown,
  ): Promise<void> => {
    for (const [index, value] of (values ?? []).entries()) await check([...setting, index], value, look);
  };

  const { credentials, ssh, network } = settings;
  await check(['credentials', 'username'], credentials.username, checkUsername);
  await check(['credentials', 'password'], credentials.password, async (source: SecretSource) =>
    checkPassword(await readSecretSource(source, env)),
  );
  await checkEach(['credentials', 'sshKeys'], credentials.sshKeys, parsePublicKey);
  await check(['credentials', 'timezone'], credentials.timezone, checkTimezone);
  await check(['credentials', 'locale'], credentials.locale, checkLocale);
  await checkEach(['credentials', 'packages'], credentials.packages, checkPackageName);
  await check(['ssh', 'privateKey'], ssh.privateKey, (key) => checkPrivateKey(key, ssh.passphrase));
  if (network !== undefined) await checkNetwork(network);
  return problems;

  /** Each key with only those that it depends on, so that one mistake does not hide the next. */
  async function checkNetwork(config: NetworkConfig): Promise<void> {
    const before = problems.length;
    const hostname = 'node';
    const { ipCidr, ip6Cidr, onLink = false } = config;
    const alone = (key: keyof NetworkConfig, needs: Partial<NetworkConfig> = {}) =>
      check(['network', key], config[key], (value) => planNetwork({ hostname, ...needs, [key]: value }));
    await alone('hostname');
    const has4 = ipCidr !== undefined && (await alone('ipCidr'));
    const has6 = ip6Cidr !== undefined && (await alone('ip6Cidr'));
    if (has4 || ipCidr === undefined)
      await alone('gateway', { ...(ipCidr !== undefined && { ipCidr }), onLink });
    if (has6 || ip6Cidr === undefined)
      await alone('gateway6', { ...(ip6Cidr !== undefined && { ip6Cidr }), onLink });
    await alone('mtu', has6 ? { ip6Cidr } : {});
    for (const key of ['vlan', 'macAddress', 'interfaceName'] as const) await alone(key);
    for (const key of ['dnsServers', 'searchDomains'] as const)
      await checkEach(['network', key], config[key], (value) => planNetwork({ hostname, [key]: [value] }));
    // What only all of them together can tell, such as that there is no address at all.
    if (problems.length === before) await check(['network', 'dhcp4'], config, planNetwork);
  }
}
