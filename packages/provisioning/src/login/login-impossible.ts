import { ProvisioningError } from '../provisioning-error.js';

/** The error of whoever wants to log in to a node whose system lets nobody in. */
export function loginImpossible(hostname: string): ProvisioningError {
  return new ProvisioningError(
    'LOGIN_IMPOSSIBLE',
    `nobody can log in to ${hostname}: its system has no SSH`,
    {
      hint: 'Use the tool that its system brings. What must be on the node from the start belongs into its image.',
    },
  );
}
