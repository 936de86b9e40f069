import envPaths from 'env-paths';
import { ConfigError } from '../errors/config-error.js';
import { NODE_IDS, type NodeId } from '../node/node-id.js';
import type { SecretSource } from '../secret/secret.js';
import { readSecret } from '../secret/read-secret.js';
import { checkAddresses } from './check-addresses.js';
import type { ClusterConfig, NodeConfig } from './cluster-config.js';
import { configInputSchema, type ParsedConfigInput } from './config-input.js';
import { type ConfigIssue, describeIssues, formatPath } from './describe-issues.js';
import { usualGatewayOf } from './network-plan.js';
import { resolvePath } from './resolve-path.js';

/** Where in a configuration file a key is; both are counted from one. */
export interface ConfigPlace {
  readonly line: number;
  readonly column: number;
}

export interface ParseConfigOptions {
  /** Directory that relative paths in the configuration start from. */
  readonly baseDir: string;
  /** Where the configuration came from, for messages; default `the configuration`. */
  readonly source?: string;
  /** Tells where a key is written, in a source that has lines. */
  readonly placeOf?: (path: readonly PropertyKey[]) => ConfigPlace | undefined;
  /** Environment for `{ env: NAME }`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Validates a configuration and fills in the defaults.
 *
 * @throws ConfigError `CONFIG_INVALID` naming the first key that is wrong (all of them in `details.issues`), or
 * `CONFIG_SECRET_MISSING`.
 */
export async function parseConfig(input: unknown, options: ParseConfigOptions): Promise<ClusterConfig> {
  const parsed = configInputSchema.safeParse(input);
  if (!parsed.success) throw configInvalid(describeIssues(parsed.error.issues, configInputSchema), options);

  const { data } = parsed;
  const nodes = nodesOf(data);
  const [firstNode] = nodes.values();
  if (firstNode === undefined)
    throw configInvalid(
      [{ path: [], message: 'no node is configured: add node1, node2, node3 or node4' }],
      options,
    );

  const { prefixLength } = data.network;
  const gateway = data.network.gateway ?? usualGatewayOf(firstNode.ip, prefixLength);
  if (gateway === undefined)
    throw configInvalid(
      [
        {
          path: ['network', 'gateway'],
          message:
            'is required with prefixLength 32, together with `onLink: true`: there is no other address in such a network',
        },
      ],
      options,
    );
  const issues = checkAddresses({
    nodes,
    bmcAddress: data.ip,
    gateway,
    gatewayGiven: data.network.gateway !== undefined,
    prefixLength,
    onLink: data.network.onLink,
  });
  if (issues.length > 0) throw configInvalid(issues, options);

  const secret = (source: SecretSource | undefined, key: string) =>
    readSecret(source, { key, baseDir: options.baseDir, environment: options.environment });
  return Object.freeze({
    ip: data.ip,
    cacheDir: resolvePath(options.baseDir, data.cacheDir ?? envPaths('tpi', { suffix: '' }).cache),
    stateFileName: data.stateFileName,
    cacheMaxBytes: data.cacheMaxSize,
    nodes,
    network: Object.freeze({
      gateway,
      dnsServers: Object.freeze(data.network.dnsServers ?? [gateway]),
      prefixLength,
      onLink: data.network.onLink,
      hostnamePattern: data.network.hostnamePattern,
    }),
    bmc: Object.freeze({
      username: data.bmc.username,
      password: await secret(data.bmc.password, 'bmc.password'),
      port: data.bmc.port,
      httpPort: data.bmc.httpPort,
      certificateFingerprint: data.bmc.certificateFingerprint,
      publicKeyPin: data.bmc.publicKeyPin,
    }),
    ssh: Object.freeze({
      username: data.ssh.username,
      password: await secret(data.ssh.password, 'ssh.password'),
      privateKey: await secret(data.ssh.privateKey, 'ssh.privateKey'),
      passphrase: await secret(data.ssh.passphrase, 'ssh.passphrase'),
      useAgent: data.ssh.useAgent,
    }),
    plugins: data.plugins,
    workflow: data.workflow,
    baseDir: options.baseDir,
  });
}

/**
 * Makes the error for a list of issues: the first one in the message, all of them in the details.
 *
 * @param hint - what to do, where the issue knows better than the general advice
 */
export function configInvalid(
  issues: readonly ConfigIssue[],
  options: Pick<ParseConfigOptions, 'source' | 'placeOf'>,
  hint?: string,
): ConfigError {
  const described = issues.map((issue) => {
    return { key: formatPath(issue.path), message: issue.message, ...options.placeOf?.(issue.path) };
  });
  const [first] = described;
  const place = `${options.source ?? 'the configuration'}${first?.line === undefined ? '' : `:${first.line}:${first.column ?? 1}`}`;
  const more = described.length > 1 ? ` (and ${described.length - 1} more)` : '';
  return new ConfigError(
    'CONFIG_INVALID',
    `${place}: ${first?.key ? `\`${first.key}\` ` : ''}${first?.message ?? 'is not valid'}${more}`,
    {
      hint:
        hint ??
        (first?.key === 'ip'
          ? 'Give the address of the board controller as `ip`.'
          : 'See docs/configuration.md for every key.'),
      details: { issues: described },
    },
  );
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
