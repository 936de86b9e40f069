import { performance } from 'node:perf_hooks';
import { planLinux, planNetwork } from '@turingpi/linux';
import { SSH_RUNTIME, sshTargetFor } from '@turingpi/provisioning';
import { applyOpenRc } from './apply-openrc.js';
import { OpenRcError } from './openrc-error.js';
import { waitForRunlevel } from './wait-for-runlevel.js';

/** Debian started by OpenRC, with ifupdown and OpenSSH. */
export class OpenRcOs {
  static inject = [SSH_RUNTIME];

  id = 'openrc';
  title = 'Debian with OpenRC';
  access = 'ssh';
  recipe = 2;

  constructor(ssh) {
    this.ssh = ssh;
  }

  plan(request) {
    const plan = planLinux(request);
    if (planNetwork(request.network).dhcp4)
      throw new OpenRcError('OPENRC_NEEDS_ADDRESS', `${request.network.hostname} has no static address`, {
        hint: 'Give ipCidr, and leave dhcp4 out: no DHCP client is expected in these images.',
      });
    this.checkCredentials(request.credentials ?? {});
    return plan;
  }

  /** What is Linux's is checked with the plan. */
  checkCredentials({ locale, packages = [] }) {
    const asked = locale !== undefined ? 'locale' : packages.length > 0 ? 'packages' : undefined;
    if (asked === undefined) return;
    throw new OpenRcError(
      'OPENRC_SETTING_UNSUPPORTED',
      `OpenRC images take no ${asked} at their first boot`,
      {
        hint: 'Nothing runs at their first boot. Install packages with the step `deb`.',
      },
    );
  }

  apply(plan, image, secrets, environment) {
    return applyOpenRc(plan, image, secrets, environment);
  }

  loginOf({ openrc }) {
    return { username: openrc?.username ?? 'root' };
  }

  async waitUntilReady({ context, operation, installed, auth, firstLogin, timeoutMs }) {
    const { signal, progress } = operation;
    if (firstLogin)
      throw new OpenRcError('OPENRC_FIRST_LOGIN_UNSUPPORTED', 'OpenRC images have no first login to pass', {
        hint: 'Leave firstLogin out: the user is made in the image.',
      });
    const until = performance.now() + timeoutMs;
    const session = await this.ssh.waitFor(sshTargetFor(context, installed, auth), {
      signal,
      timeoutMs,
      onAttempt: ({ message }) => progress({ activity: 'wait for SSH', note: message }),
    });
    try {
      progress({ activity: 'wait for the default runlevel' });
      await waitForRunlevel(session, 'default', { signal, timeoutMs: until - performance.now() });
    } finally {
      await session[Symbol.asyncDispose]();
    }
    return {};
  }
}
