import { z } from 'zod';
import type { BmcSession } from '../session/bmc-session.js';
import type { CallOptions } from '../session/call-options.js';
import { getCall, okSchema, type Parameters, setCall } from './bmc-call.js';
import { resultOf } from './reply.js';

/** A fan. */
export interface CoolingDevice {
  readonly device: string;
  readonly speed: number;
  readonly maxSpeed: number;
  /** Whether the step is held against the kernel's own choice; undefined on firmware that cannot. */
  readonly held?: boolean;
}

const coolingSchema = z.array(
  z
    .object({
      device: z.string(),
      speed: z.number(),
      max_speed: z.number(),
      overridden: z.boolean().nullish(),
    })
    .transform(({ device, speed, max_speed, overridden }): CoolingDevice => ({
      device,
      speed,
      maxSpeed: max_speed,
      ...(overridden === undefined || overridden === null ? {} : { held: overridden }),
    })),
);

/** Fans (docs/reference/bmc-protocol.md, "Fans"). Firmware 2.3 and newer. */
export class CoolingApi {
  constructor(private readonly session: BmcSession) {}

  async get(options: CallOptions = {}): Promise<readonly CoolingDevice[]> {
    return resultOf(await this.session.call(getCall('cooling', {}, options)), coolingSchema, 'cooling');
  }

  /**
   * Sets a step and holds it: without that, newer firmware takes it back within seconds. The BMC lets go of it when it
   * gets too hot, and when its daemon starts.
   *
   * @throws BmcError BMC_COOLING_REFUSED for an unknown device or too high a speed
   */
  async set(device: string, speed: number, options: CallOptions = {}): Promise<void> {
    await this.#set({ device, speed, mode: 'manual' }, options); // other firmware does not look at the mode
  }

  /**
   * Leaves a fan to the BMC again; the fork from 2.21 on.
   *
   * @throws BmcError BMC_COOLING_REFUSED for an unknown device
   */
  async release(device: string, options: CallOptions = {}): Promise<void> {
    const speed = (await this.get(options)).find((one) => one.device === device)?.speed ?? 0;
    await this.#set({ device, speed, mode: 'auto' }, options);
  }

  async #set(parameters: Parameters & { readonly device: string }, options: CallOptions): Promise<void> {
    const call = setCall('cooling', parameters, { ...options, idempotent: true });
    resultOf(await this.session.call(call), okSchema, `speed of ${parameters.device}`);
  }
}
