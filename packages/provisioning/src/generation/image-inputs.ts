import { hashInputs, type JsonValue, type NamedInputs } from '@turingpi/core/plugin';
import type { NetworkConfig } from '../image/network-config.js';
import type { Secret } from '@turingpi/foundation';
import { parsePublicKey } from '@turingpi/runtime';
import { keyedDigest } from '../credential/keyed-digest.js';
import type { CredentialPlan } from '../credential/credential-plan.js';

/** Everything that decides what an image holds. */
export interface ImageRequirements {
  /** Id of the operating system plugin. */
  readonly os: string;
  /** SHA-256 of the base image. */
  readonly base: string;
  /** Type of the board. */
  readonly board: string;
  readonly network: NetworkConfig;
  readonly credentials: CredentialPlan | undefined;
  /** Secrets of the operating system's own, by name. */
  readonly own?: Readonly<Record<string, Secret>>;
  /** Digest of what the pre-install callbacks do; undefined when that is nothing. */
  readonly preInstall: string | undefined;
}

/** Names that {@link credentialInputs} uses. */
const CREDENTIALS = /^(?:user\..+|timezone|locale|packages)$/;
/** Names that say more than those of the configuration's keys. */
const NETWORK_NAMES: Readonly<Record<string, string>> = { ipCidr: 'address', ip6Cidr: 'address6' };

/**
 * The inputs of an image, each under a name of its own, in a form in which equal meanings are equal.
 *
 * @param key - for digests of secrets, and of what may hold some
 */
export function imageInputs(required: ImageRequirements, key: Buffer): NamedInputs {
  const { os, base, board, network, credentials, own = {}, preInstall } = required;
  return {
    ...{ os, base, board },
    ...networkInputs(network),
    ...credentialInputs(credentials, key),
    ...Object.fromEntries(
      Object.entries(own).map(([name, secret]) => [`os.${name}`, keyedDigest(secret.reveal(), key)]),
    ),
    ...(preInstall !== undefined && { preInstall: keyedDigest(preInstall, key) }),
  };
}

/** Those inputs of an image that are known without its base, its files and secrets. */
export function settingInputs({
  os,
  board,
  network,
  credentials,
}: Pick<ImageRequirements, 'os' | 'board' | 'network' | 'credentials'>): NamedInputs {
  const open = credentials && { ...credentials, password: undefined };
  return { os, board, ...networkInputs(network), ...credentialInputs(open, NO_KEY) };
}

const NO_KEY = Buffer.alloc(0);

/** The same inputs with other first-boot settings in them. */
export function withCredentialInputs(
  inputs: NamedInputs,
  credentials: CredentialPlan | undefined,
  key: Buffer,
): NamedInputs {
  const others = Object.entries(inputs).filter(([name]) => !CREDENTIALS.test(name));
  return { ...Object.fromEntries(others), ...credentialInputs(credentials, key) };
}

/**
 * First-boot settings as inputs: the password as a keyed digest, because a plain one of a weak password could be
 * guessed; keys without comments; keys and packages in an order of our own.
 */
export function credentialInputs(plan: CredentialPlan | undefined, key: Buffer): NamedInputs {
  if (plan === undefined) return {};
  const { username, password, sshKeys, passwordAuthentication, timezone, locale, packages } = plan;
  return {
    ...(username !== undefined && { 'user.name': username }),
    ...(password !== undefined && { 'user.password': keyedDigest(password.reveal(), key) }),
    ...(sshKeys.length > 0 && { 'user.sshKeys': keyIdentities(sshKeys) }),
    ...(passwordAuthentication !== undefined && { 'user.passwordAuthentication': passwordAuthentication }),
    ...(timezone !== undefined && { timezone }),
    ...(locale !== undefined && { locale }),
    ...(packages.length > 0 && { packages: distinct(packages) }),
  };
}

/** A digest of the first-boot settings among the inputs of an image. */
export function credentialsHashOf(inputs: NamedInputs): string {
  return hashInputs(Object.fromEntries(Object.entries(inputs).filter(([name]) => CREDENTIALS.test(name))));
}

/** Whether two sets of inputs ask for the same image. */
export function sameInputs(a: NamedInputs, b: NamedInputs): boolean {
  return hashInputs(a) === hashInputs(b);
}

function networkInputs(network: NetworkConfig): NamedInputs {
  const inputs: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries<JsonValue | undefined>({ ...network })) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    const isMac = name === 'macAddress' && typeof value === 'string';
    inputs[`network.${NETWORK_NAMES[name] ?? name}`] = isMac
      ? value.toLowerCase().replaceAll('-', ':')
      : value;
  }
  return inputs;
}

/** What key lines mean: without comments and repetitions, in an order of our own. */
export function keyIdentities(lines: readonly string[]): string[] {
  return distinct(lines.map(keyIdentity));
}

/** A key line without its comment; options before the key (`from="…"`) are part of what it means. */
function keyIdentity(line: string): string {
  const { options, fingerprint } = parsePublicKey(line);
  return options === undefined ? fingerprint : `${options} ${fingerprint}`;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
