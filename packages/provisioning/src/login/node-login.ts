import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Context, InstalledNode, Node } from '@turingpi/core/plugin';
import { type Secret, Secret as SecretValue } from '@turingpi/foundation';

import { isHashedPassword } from '../credential/hashed-password.js';
import { loginImpossible } from './login-impossible.js';
import { agentSocket, parsePublicKey, type SshAuthentication, type SshTarget } from '@turingpi/runtime';

/** How a node is logged in to, with the secrets at hand. */
export interface NodeLogin {
  readonly password: Secret | undefined;
  /** Public keys that the image lets in; none when they are not known. */
  readonly sshKeys: readonly string[];
}

const IDENTITIES = ['id_ed25519', 'id_ecdsa', 'id_rsa'] as const;

/** Whether a private key in OpenSSH's format is protected by a passphrase; the cipher's name is in its head. */
function isEncrypted(pem: string): boolean {
  if (/Proc-Type: 4,ENCRYPTED|BEGIN ENCRYPTED/.test(pem)) return true;
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(pem)?.[1];
  if (body === undefined) return false;
  const blob = Buffer.from(body, 'base64');
  const magic = 'openssh-key-v1\0'.length;
  return blob.subarray(magic + 4, magic + 4 + blob.readUInt32BE(magic)).toString('latin1') !== 'none';
}

function runsOwnCommand(options: string | undefined): boolean {
  return options !== undefined && /(^|,)(command=|cert-authority)/i.test(options);
}

/** The user's own identity that fits one of the keys in the image; any of them when those are not known. */
async function defaultIdentity(sshKeys: readonly string[], directory: string): Promise<Secret | undefined> {
  const lines = sshKeys.map((key) => parsePublicKey(key));
  // A key that may only run its own command lets nobody run ours.
  const wanted = new Set(
    lines.filter(({ options }) => !runsOwnCommand(options)).map(({ identity }) => identity),
  );
  for (const name of IDENTITIES)
    try {
      const [pem, line] = await Promise.all([
        readFile(join(directory, name), 'utf8'),
        readFile(join(directory, `${name}.pub`), 'utf8'),
      ]);
      const fits = lines.length === 0 || wanted.has(parsePublicKey(line.split('\n')[0] ?? '').identity);
      if (fits && !isEncrypted(pem)) return new SecretValue(pem);
    } catch {
      continue; // no such identity, or one that cannot be used
    }
  return undefined;
}

/** Ways to log in: the configured ones first, then the password of the image and the user's own identities. */
export async function authenticationFor(
  context: Pick<Context, 'credentials'>,
  login: NodeLogin,
  identityDirectory = join(homedir(), '.ssh'),
): Promise<SshAuthentication> {
  const { ssh } = context.credentials;
  const privateKey = ssh.privateKey ?? (await defaultIdentity(login.sshKeys, identityDirectory));
  const agent =
    ssh.useAgent || (privateKey === undefined && login.sshKeys.length > 0 && agentSocket() !== undefined);
  return {
    privateKey,
    passphrase: ssh.privateKey ? ssh.passphrase : undefined,
    ...(agent && { agent: true }),
    password: login.password && !isHashedPassword(login.password) ? login.password : ssh.password,
  };
}

/**
 * Where the node's SSH is, unless the configuration says otherwise: at the address that it has by its record, until that
 * of the configuration was given to it.
 *
 * @throws ProvisioningError `LOGIN_IMPOSSIBLE` when nobody can log in to what is installed.
 */
export function sshTargetFor(
  context: Context,
  installed: Pick<InstalledNode, 'username' | 'hostKeys'> & Partial<Pick<InstalledNode, 'ipAddress'>>,
  auth: SshAuthentication,
): SshTarget {
  const { node, credentials } = context;
  const username = credentials.ssh.username ?? installed.username;
  if (installed.username === undefined || username === undefined) throw loginImpossible(node.hostname);
  return {
    host: node.config.ssh?.host ?? installed.ipAddress ?? node.ipAddress,
    port: node.config.ssh?.port ?? 22,
    username,
    auth,
    hostKeys: installed.hostKeys,
    ...wayTo(node),
  };
}

/** The server that a node's SSH is reached through, where there is one. */
export function wayTo({ config }: Pick<Node, 'config'>): Pick<SshTarget, 'jump'> {
  const jump = config.ssh?.jump;
  if (jump === undefined) return {};
  const { host, port, username, hostKeys, password, privateKey, passphrase, useAgent } = jump;
  const auth = { password, privateKey, passphrase, ...(useAgent && { agent: true }) };
  return { jump: { host, port, username, hostKeys, auth } };
}
