import { z } from 'zod';
import { isIP, isIPv4 } from 'node:net';
import { HOST_LABEL, parseByteSize, parseHost } from '@turingpi/foundation';
import { isPlugin, type Plugin } from '../plugin/define-plugin.js';
import type { ContributedConfig } from './contributed-config.js';
import { DEFAULT_STATE_FILE_NAME } from './default-state-file-name.js';
import { localPath, secretSource as secret } from './written-values.js';

const text = z.string().min(1, 'is empty');
const ipv4 = z.string().refine(isIPv4, 'expected an IPv4 address, for example 192.168.1.100');
const host = z.string().transform((value, context) => {
  const parsed = parseHost(value);
  if (parsed !== undefined) return parsed;
  context.addIssue('expected an IP address or a host name');
  return z.NEVER;
});
const port = z.int().min(1).max(65_535);
const hostname = z.string().regex(HOST_LABEL, 'expected a host name of lower-case letters, digits and -');
const fingerprint = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/i, 'expected sha256: and 64 hexadecimal digits')
  .transform((value) => value.toLowerCase());

const publicKey = z
  .string()
  .trim()
  .regex(
    /^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}( .*)?$/,
    'expected a public key in one line, for example ssh-ed25519 AAAA…; on that host it is in /etc/ssh/ssh_host_ed25519_key.pub',
  );
/** A server on the way to a node. Which one it is must be known beforehand. */
const jump = z.strictObject({
  host: z.union([z.literal('bmc'), host]),
  port: port.default(22),
  username: text.optional(),
  password: secret.optional(),
  privateKey: secret.optional(),
  passphrase: secret.optional(),
  useAgent: z.boolean().default(false),
  hostKeys: z.union([publicKey, z.array(publicKey).min(1)]),
});

const node = z.strictObject({
  ip: ipv4,
  board: text,
  macAddress: z
    .string()
    .regex(/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i, 'expected a MAC address, for example d8:3a:dd:00:00:01')
    // The lowest bit of the first byte marks group addresses (broadcast too), which no interface can have.
    .refine((value) => Number.parseInt(value.slice(0, 2), 16) % 2 === 0, 'is a multicast address, not a node')
    .transform((value) => value.toLowerCase().replaceAll('-', ':'))
    .optional(),
  hostname: hostname.optional(),
  protect: z.boolean().optional(),
  os: text.optional(),
  ssh: z
    .strictObject({
      host: host.optional(),
      port: port.optional(),
      jump: z.union([z.literal(false), jump]).optional(),
    })
    .optional(),
});

/** The configuration as people write it, in YAML, JSON or code. Defaults are filled in here and nowhere else. */
export const configInputSchema = z.strictObject({
  ip: host,
  cacheDir: localPath.optional(),
  stateFileName: z
    .string()
    .regex(/^(?!\.{1,2}$)[^/\\\0]+$/, 'expected a file name without a directory; use cacheDir for that')
    .regex(/^(?!(?:.*\.)?node-secrets\.json$)/, 'is the name of a file with secrets; choose another one')
    .regex(
      /^(?!trusted-boards\.json$|.*\.(?:jsonl|journal|log|key|img|img\..+)$)/,
      'is the name of another file in the cache directory; choose another one',
    )
    .default(DEFAULT_STATE_FILE_NAME),
  stateStore: text.optional(),
  state: z
    .record(text, z.unknown())
    .refine((stores) => Object.keys(stores).length === 1, 'expected one store with its settings')
    .optional(),
  cacheMaxSize: z
    .union([z.string(), z.number()])
    .default('20G')
    .transform((size, context) => {
      const bytes = parseByteSize(String(size));
      if (bytes !== undefined) return bytes;
      context.addIssue('expected a size, for example 500M or 20G');
      return z.NEVER;
    }),
  node1: node.optional(),
  node2: node.optional(),
  node3: node.optional(),
  node4: node.optional(),
  network: z
    .strictObject({
      gateway: ipv4.optional(),
      dnsServers: z
        .array(z.string().refine((value) => isIP(value) !== 0, 'expected an IP address'))
        .min(1)
        .optional(),
      prefixLength: z.int().min(8).max(32).default(24),
      onLink: z.boolean().default(false),
      hostnamePattern: z
        .string()
        .includes('{id}', { message: 'expected {id} in it, which stands for the number of the node' })
        .refine(
          (pattern) => HOST_LABEL.test(pattern.replaceAll('{id}', '1')),
          'expected a host name of lower-case letters, digits and -, with {id} in it',
        )
        .default('turingpi-node{id}'),
    })
    .prefault({}),
  bmc: z
    .strictObject({
      username: text.default('root'),
      password: secret.optional(),
      port: port.default(443),
      httpPort: port.default(80),
      certificateFingerprint: fingerprint.optional(),
      publicKeyPin: fingerprint.optional(),
      certificateAuthority: localPath.optional(),
      certificateName: host.optional(),
    })
    .prefault({}),
  ssh: z
    .strictObject({
      username: text.optional(),
      password: secret.optional(),
      privateKey: secret.optional(),
      passphrase: secret.optional(),
      useAgent: z.boolean().default(false),
      jump: jump.optional(),
    })
    .prefault({}),
  plugins: z
    .array(z.union([text, z.custom<Plugin>(isPlugin)], 'expected a package name, a path or a plugin'))
    .optional(),
  replace: z.record(text, z.record(text, text)).optional(),
  workflow: z.unknown().optional(),
});

/** What `createTuringPi` takes. */
export type TuringPiConfig = z.input<typeof configInputSchema> & Partial<ContributedConfig>;
export type ParsedConfigInput = z.output<typeof configInputSchema>;
