import envPaths from 'env-paths';
import { NODE_IDS, type NodeId, type SecretSource } from '@turingpi/foundation';

import { examineSecret } from '../secret/examine-secret.js';
import { checkAddresses } from './check-addresses.js';
import type { ClusterConfig } from './cluster-config.js';
import { type JumpConfig, resolveJump } from './jump-config.js';
import type { NodeConfig } from './node-config.js';
import { checkConfigKeys, withKeys } from './check-config-keys.js';
import { examineAuthority } from './examine-authority.js';
import { configInputSchema, type ParsedConfigInput } from './config-input.js';
import { configInvalid, type ConfigOrigin } from './config-invalid.js';
import { CORE_KEYS } from './config-keys.js';
import { type ConfigIssue, describeIssues } from './describe-issues.js';
import { usualGatewayOf } from './network-plan.js';
import { isRecord } from './is-record.js';
import { IN_PLAIN_WORDS } from './plain-words.js';
import { resolvePath } from './resolve-path.js';
import { salvageInput } from './salvage-input.js';

export interface ParseConfigOptions extends ConfigOrigin {
  /** Directory that relative paths in the configuration start from. */
  readonly baseDir: string;
  /** Name of the board, where a configuration has several. */
  readonly boardName?: string;
  /** Environment for `{ env: NAME }`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Validates a configuration without plugins and fills in the defaults.
 *
 * @throws ConfigError `CONFIG_INVALID` naming the first key that is wrong (all of them in `details.issues`), or
 * `CONFIG_SECRET_MISSING` when nothing but secrets is missing.
 */
export async function parseConfig(input: unknown, options: ParseConfigOptions): Promise<ClusterConfig> {
  const { config, issues, rest } = await examineConfig(input, options);
  const all = withKeys(issues, await checkConfigKeys(rest, [], options.boardName === undefined));
  if (all.length > 0) throw configInvalid(all, options);
  return config;
}

/** A configuration with everything that is wrong in it. */
export interface ExaminedConfig {
  /** With errors, for finding further ones only: what is wrong is missing or a default, addresses may be empty. */
  readonly config: ClusterConfig;
  readonly issues: readonly ConfigIssue[];
  /** The keys that are not core's own: plugins say what may be there. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/** Finds everything that is wrong in a configuration, as far as it can be known without plugins. */
export async function examineConfig(given: unknown, options: ParseConfigOptions): Promise<ExaminedConfig> {
  const { input, rest } = ownKeysOf(given);
  const parsed = configInputSchema.safeParse(input, IN_PLAIN_WORDS);
  const issues = parsed.success ? [] : describeIssues(parsed.error.issues, configInputSchema);
  const data = parsed.success
    ? parsed.data
    : (salvageInput(configInputSchema, isRecord(input) ? input : {}) as ParsedConfigInput);
  if (data.state !== undefined && data.stateStore !== undefined)
    issues.push({ path: ['stateStore'], message: 'is said twice: `state` names the store as well' });
  const nodes = nodesOf(data);
  const { prefixLength, onLink } = data.network;
  const [firstIp = ''] = [...nodes.values()].flatMap(({ ip }) => ip || []);
  const gateway = data.network.gateway ?? (firstIp === '' ? '' : usualGatewayOf(firstIp, prefixLength));
  if (parsed.success && nodes.size === 0)
    issues.push({ path: [], message: 'no node is configured: add node1, node2, node3 or node4' });
  else if (gateway === undefined)
    issues.push({
      path: ['network', 'gateway'],
      message:
        'is required with prefixLength 32, together with `onLink: true`: there is no other address in such a network',
    });
  else if (parsed.success)
    issues.push(
      ...checkAddresses({
        nodes,
        bmcAddress: data.ip,
        gateway,
        gatewayGiven: data.network.gateway !== undefined,
        prefixLength,
        onLink,
        hostnamePattern: data.network.hostnamePattern,
      }),
    );

  const secretAt = async (path: readonly PropertyKey[], source: SecretSource | undefined) => {
    const { baseDir, environment } = options;
    const examined = await examineSecret(source, { path, baseDir, environment });
    issues.push(...examined.issues);
    return examined.secret;
  };
  const secret = (section: 'bmc' | 'ssh', key: string, source: SecretSource | undefined) =>
    secretAt([section, key], source);
  const { bmc, ssh } = data;
  const bmcPassword = await secret('bmc', 'password', bmc.password);
  const authority = await examineAuthority(bmc.certificateAuthority, {
    path: ['bmc', 'certificateAuthority'],
    baseDir: options.baseDir,
  });
  issues.push(...authority.issues);
  const config = {
    ip: (data.ip as string | undefined) ?? '', // salvaged input may lack it
    cacheDir: resolvePath(options.baseDir, data.cacheDir ?? envPaths('tpi', { suffix: '' }).cache),
    stateFileName: data.stateFileName,
    ...stateOf(data),
    cacheMaxBytes: data.cacheMaxSize,
    nodes: await withJumps(nodes, data, (path, jump) =>
      resolveJump(jump, {
        bmcAddress: data.ip,
        bmc: { username: bmc.username, password: bmcPassword },
        secret: (key, source) => secretAt([...path, key], source),
      }),
    ),
    network: Object.freeze({
      gateway: gateway ?? '',
      dnsServers: Object.freeze(data.network.dnsServers ?? [gateway ?? '']),
      prefixLength,
      onLink,
      hostnamePattern: data.network.hostnamePattern,
    }),
    bmc: Object.freeze({
      username: bmc.username,
      password: bmcPassword,
      port: bmc.port,
      httpPort: bmc.httpPort,
      certificateFingerprint: bmc.certificateFingerprint,
      publicKeyPin: bmc.publicKeyPin,
      certificateAuthority: authority.pem,
      certificateName: bmc.certificateName,
    }),
    ssh: Object.freeze({
      username: ssh.username,
      password: await secret('ssh', 'password', ssh.password),
      privateKey: await secret('ssh', 'privateKey', ssh.privateKey),
      passphrase: await secret('ssh', 'passphrase', ssh.passphrase),
      useAgent: ssh.useAgent,
    }),
    plugins: data.plugins,
    replace: data.replace,
    workflow: data.workflow,
    contributed: Object.freeze({}),
    baseDir: options.baseDir,
    ...(options.boardName === undefined ? {} : { boardName: options.boardName }),
  };
  return { config: Object.freeze(config), issues, rest };
}

/** Which store keeps the state: `state: { ID: { … } }` names it with its settings, `stateStore: ID` without. */
function stateOf({
  stateStore,
  state,
}: ParsedConfigInput): Pick<ClusterConfig, 'stateStore' | 'stateSettings'> {
  const [[id, settings] = [stateStore ?? 'file', undefined]] = Object.entries(state ?? {});
  return { stateStore: id, stateSettings: settings ?? undefined };
}

/** A configuration with core's own keys, and the others. */
function ownKeysOf(input: unknown): { readonly input: unknown; readonly rest: Record<string, unknown> } {
  if (!isRecord(input)) return { input, rest: {} };
  const isOwn = ([key]: readonly [string, unknown]) => CORE_KEYS.includes(key);
  const entries = Object.entries(input);
  return {
    input: Object.fromEntries(entries.filter(isOwn)),
    rest: Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
  };
}

type WrittenJump = NonNullable<ParsedConfigInput['ssh']['jump']>;

/** The nodes with the host on the way to each: its own, or the one of all, unless it says that it has none. */
async function withJumps(
  nodes: ReadonlyMap<NodeId, NodeConfig>,
  data: ParsedConfigInput,
  resolve: (path: readonly PropertyKey[], jump: WrittenJump) => Promise<JumpConfig>,
): Promise<ReadonlyMap<NodeId, NodeConfig>> {
  const shared = data.ssh.jump && (await resolve(['ssh', 'jump'], data.ssh.jump));
  const found = new Map<NodeId, NodeConfig>();
  for (const [id, { ssh, ...node }] of nodes) {
    const own = data[`node${id}`]?.ssh?.jump;
    const jump = own ? await resolve([`node${id}`, 'ssh', 'jump'], own) : own === false ? undefined : shared;
    const { host, port } = ssh ?? {};
    const way = { ...(host && { host }), ...(port && { port }), ...(jump && { jump }) };
    found.set(
      id,
      Object.freeze({ ...node, ...(Object.keys(way).length > 0 && { ssh: Object.freeze(way) }) }),
    );
  }
  return found;
}

function nodesOf(data: ParsedConfigInput): ReadonlyMap<NodeId, NodeConfig> {
  const nodes = new Map<NodeId, NodeConfig>();
  for (const id of NODE_IDS) {
    const node = data[`node${id}`];
    // zod's optional keys may be present and undefined; exactOptionalPropertyTypes forbids that, JSON cannot say it.
    if (node !== undefined) nodes.set(id, Object.freeze(node) as NodeConfig);
  }
  return nodes;
}
