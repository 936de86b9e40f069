import {
  applyFirstUser,
  applyNetwork,
  applyTimezone,
  hashPassword,
  planNetwork,
  renderHostsFile,
  renderSshdDropIn,
  writeHostKeys,
} from '@turingpi/linux';
import { writeInstallationRecord } from '@turingpi/provisioning';
import { OpenRcError } from './openrc-error.js';
import { enableService, isEnabled } from './runlevels.js';

const SSHD_DROP_IN = '/etc/ssh/sshd_config.d/10-turingpi.conf';
/** Services that a node cannot be reached without, and where they go when the image starts them nowhere. */
const SERVICES = { 'hostname.sh': 'sysinit', networking: 'boot', ssh: 'default' };
const USERS_GROUPS = ['sudo', 'adm', 'dialout', 'netdev'];
/** Stands for the password's hash in the image that callbacks read from. */
const NO_HASH = '*';

/** Makes an opened image with OpenRC in it what was planned. */
export async function applyOpenRc(plan, image, { password, passwordSalt, hostKeys }, { installation }) {
  const root = await image.files('root');
  await checkImage(root, plan);
  const network = planNetwork(plan.network);
  await root.writeFile('/etc/hostname', `${network.hostname}\n`);
  await root.writeFile('/etc/hosts', renderHostsFile(await root.readText('/etc/hosts'), network.hostname));
  await applyNetwork(root, network, { stack: 'ifupdown', renderer: 'networkd', reason: 'OpenRC' });
  const passwordHash = password && (installation ? hashPassword(password, passwordSalt) : NO_HASH);
  const notices = plan.credentials ? await applyCredentials(root, plan.credentials, passwordHash) : [];
  await writeHostKeys(root, hostKeys);
  for (const [service, runlevel] of Object.entries(SERVICES)) await enableService(root, service, runlevel);
  if (installation) await writeInstallationRecord(root, installation);
  return {
    notices,
    record: { openrc: { username: plan.credentials?.username ?? 'root' } },
    verify: () => checkServices(root),
  };
}

async function checkImage(root, { acceptMismatch, requiresSudo, credentials }) {
  if (!acceptMismatch && !(await root.exists('/sbin/openrc')))
    throw new OpenRcError(
      'OPENRC_IMAGE_FOREIGN',
      'the image is not started by OpenRC: it has no /sbin/openrc',
      {
        hint: 'Use a base image with OpenRC, or the plugin of the system that is in it.',
      },
    );
  const username = credentials?.username ?? 'root';
  if (requiresSudo && username !== 'root' && !(await root.exists('/usr/bin/sudo')))
    throw new OpenRcError('OPENRC_SUDO_MISSING', `${username} cannot become root: the image has no sudo`, {
      hint: 'Take a base image with sudo, or leave the user name out.',
    });
}

async function applyCredentials(root, credentials, passwordHash) {
  const { username: name = 'root', sshKeys, timezone } = credentials;
  const passwordAuthentication = passwordAuthenticationOf(credentials);
  const { notices } = await applyFirstUser(root, { name, passwordHash, sshKeys }, { groups: USERS_GROUPS });
  const permitRootPassword = name === 'root' && passwordAuthentication === true;
  const settings = renderSshdDropIn({ passwordAuthentication, permitRootPassword });
  if (settings === '') await root.remove(SSHD_DROP_IN);
  else await root.writeFile(SSHD_DROP_IN, settings, { mode: 0o644 });
  if (timezone !== undefined) await applyTimezone(root, timezone);
  return notices;
}

/** Whether SSH takes passwords: as asked, else only when a password is the one way in. */
function passwordAuthenticationOf({ passwordAuthentication, sshKeys, password }) {
  if (passwordAuthentication !== undefined) return passwordAuthentication;
  if (sshKeys.length > 0) return false;
  return password ? true : undefined;
}

/** Pre-install callbacks may do anything, but a node that nobody reaches is nobody's wish. */
async function checkServices(root) {
  for (const service of Object.keys(SERVICES))
    if (!(await isEnabled(root, service)))
      throw new OpenRcError('OPENRC_SERVICE_OFF', `${service} is in no runlevel any more`, {
        hint: 'A pre-install callback has taken it out; without it nobody reaches the node.',
      });
}
