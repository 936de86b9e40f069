import type { Secret, SecretSource } from '@turingpi/foundation';
import type { ParsedConfigInput } from './config-input.js';

/** A server that a node's SSH is reached through. */
export interface JumpConfig {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: Secret | undefined;
  /** In OpenSSH or PEM form. */
  readonly privateKey: Secret | undefined;
  readonly passphrase: Secret | undefined;
  readonly useAgent: boolean;
  /** What it must identify itself with: public keys in one-line form, any of which will do. */
  readonly hostKeys: readonly string[];
}

type WrittenJump = NonNullable<ParsedConfigInput['ssh']['jump']>;

/** What a jump host is resolved with. */
export interface JumpSurroundings {
  /** Address or host name of the board controller. */
  readonly bmcAddress: string;
  readonly bmc: { readonly username: string; readonly password: Secret | undefined };
  /** Reads a secret, and notes what is wrong with it. */
  readonly secret: (key: string, source: SecretSource | undefined) => Promise<Secret | undefined>;
}

/** A jump host as it is written, with defaults and secrets: `bmc` is the board controller, with its own user and password. */
export async function resolveJump(
  { host, port, username, hostKeys, useAgent, ...secrets }: WrittenJump,
  { bmcAddress, bmc, secret }: JumpSurroundings,
): Promise<JumpConfig> {
  const isBmc = host === 'bmc';
  const password = await secret('password', secrets.password);
  return Object.freeze({
    ...{ port, useAgent, hostKeys: Object.freeze([hostKeys].flat()) },
    host: isBmc ? bmcAddress : host,
    username: username ?? (isBmc ? bmc.username : 'root'),
    password: password ?? (isBmc ? bmc.password : undefined),
    privateKey: await secret('privateKey', secrets.privateKey),
    passphrase: await secret('passphrase', secrets.passphrase),
  });
}
