import { ok } from '../http/reply.js';
import type { ApiType } from './api-context.js';

/** `type=network`: taken at once; the address of a virtual board does not change. */
export const network: ApiType = { set: () => ok() };

/** `type=reboot`: the BMC restarts after its answer. */
export const reboot: ApiType = { set: ({ restart }) => ({ ...ok(), afterwards: () => restart('bmc') }) };

/** `type=reload`: the daemon restarts after its answer. */
export const reload: ApiType = { set: ({ restart }) => ({ ...ok(), afterwards: () => restart('daemon') }) };
