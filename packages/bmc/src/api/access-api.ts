import type { Secret } from '@turingpi/foundation';
import { z } from 'zod';
import { BmcError } from '../errors/bmc-error.js';
import type { BmcSession } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';
import { bareJsonOf, expectEmpty } from './reply.js';

/** The shortest new password, in characters. */
export const SHORTEST_PASSWORD = 12;

const accessSchema = z
  .object({ local_account: z.string().optional(), factory_password: z.boolean().optional() })
  .transform((raw) => ({ account: raw.local_account, factoryPassword: raw.factory_password }));

/** Who may log in to the BMC; undefined is what the firmware does not tell. */
export type AccessInfo = z.output<typeof accessSchema>;

/**
 * The account of the BMC (docs/reference/bmc-protocol.md, "Fork: factory password"). The fork from 2.36 on; served also
 * with the factory's password.
 */
export class AccessApi {
  constructor(private readonly session: BmcSession) {}

  /** @throws BmcError BMC_NOT_SUPPORTED on other firmware */
  async get(options: CallOptions = {}): Promise<AccessInfo> {
    const reply = await this.session.call({
      ...options,
      name: 'get access',
      method: 'GET',
      path: '/api/bmc/access',
      idempotent: true,
    });
    return bareJsonOf(reply, accessSchema, 'access');
  }

  /**
   * Changes the password of an account, which is that of SSH as well. Sessions stay open.
   *
   * @throws BmcError BMC_PASSWORD_REFUSED when the new one is no good or the current one wrong, BMC_NOT_SUPPORTED on
   * other firmware
   */
  async changePassword(
    change: { readonly username: string; readonly current: Secret; readonly wanted: Secret },
    options: CallOptions = {},
  ): Promise<void> {
    const { username, current, wanted } = change;
    // The board counts characters, so that is what is counted here; asking it first would be of no more use.
    if (Array.from(wanted.reveal()).length < SHORTEST_PASSWORD) {
      throw new BmcError(
        'BMC_PASSWORD_REFUSED',
        `the new password has fewer than ${SHORTEST_PASSWORD} characters`,
      );
    }
    if (wanted.reveal() === current.reveal())
      throw new BmcError('BMC_PASSWORD_REFUSED', 'the new password is the one in use');
    await this.get(options); // other firmware answers a POST to a path that it does not know with its web page
    const reply = await this.session.call({
      ...options,
      name: 'change password',
      method: 'POST',
      path: '/api/bmc/access/password',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username, current_password: current.reveal(), new_password: wanted.reveal() }),
      idempotent: false, // sent again after it was done, it would find the current password wrong
    });
    expectEmpty(reply, 'change of the password');
  }
}
