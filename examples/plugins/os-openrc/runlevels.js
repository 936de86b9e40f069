import { OpenRcError } from './openrc-error.js';

/**
 * Has OpenRC start a service: a link in the directory of a runlevel. One that is in a runlevel already stays there.
 *
 * @throws OpenRcError `OPENRC_SERVICE_MISSING`
 */
export async function enableService(root, service, runlevel) {
  if (!(await root.exists(`/etc/init.d/${service}`)))
    throw new OpenRcError('OPENRC_SERVICE_MISSING', `the image has no service ${service}`, {
      hint: 'Take a base image with openrc, ifupdown and openssh-server in it.',
    });
  if (await isEnabled(root, service)) return;
  await root.symlink(`/etc/init.d/${service}`, `/etc/runlevels/${runlevel}/${service}`);
}

/** Whether OpenRC starts a service with the system. */
export async function isEnabled(root, service) {
  for (const runlevel of ['sysinit', 'boot', 'default'])
    if ((await root.lstat(`/etc/runlevels/${runlevel}/${service}`)) !== undefined) return true;
  return false;
}
