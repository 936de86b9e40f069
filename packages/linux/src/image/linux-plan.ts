import type { CredentialPlan, NetworkConfig, SystemRequest } from '@turingpi/provisioning';
import { checkCredentials } from '../account/check-credentials.js';
import { planNetwork } from '../network/network-plan.js';

/** First-boot settings without their secret: whether there is a password, not which. */
type PlannedCredentials = Omit<CredentialPlan, 'password' | 'passwordFrom'> & { readonly password: boolean };

/** What an image with Linux in it is to become; JSON. */
export interface LinuxPlan {
  readonly boardType: string;
  readonly acceptMismatch: boolean;
  readonly requiresSudo: boolean;
  readonly network: NetworkConfig;
  readonly credentials?: PlannedCredentials;
}

/**
 * Checks what is asked of an image with Linux in it.
 *
 * @throws LinuxError `NETWORK_*`, `HOSTNAME_INVALID`, and as {@link checkCredentials}.
 */
export function planLinux(request: SystemRequest): LinuxPlan {
  const { board, network, credentials, acceptMismatch, requiresRoot } = request;
  planNetwork(network); // by writers it is read again: what is planned is what was asked
  if (credentials) checkCredentials(credentials);
  return {
    boardType: board,
    acceptMismatch,
    requiresSudo: requiresRoot,
    network,
    ...(credentials && { credentials: withoutSecret(credentials) }),
  };
}

/** The planned settings with the password that belongs to them. */
export function withPassword(
  { credentials }: Pick<LinuxPlan, 'credentials'>,
  password: CredentialPlan['password'],
): CredentialPlan | undefined {
  return credentials && { ...credentials, password, passwordFrom: undefined };
}

function withoutSecret({ passwordFrom: _from, password, ...rest }: CredentialPlan): PlannedCredentials {
  return { ...rest, password: password !== undefined };
}
