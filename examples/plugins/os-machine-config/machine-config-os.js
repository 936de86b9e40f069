import { setTimeout as sleep } from 'node:timers/promises';
import { askMachine } from './ask-machine.js';
import { identityOf } from './identity.js';
import { MachineConfigError } from './machine-config-error.js';
import { MACHINE_CONFIG, MACHINE_MARKER, renderMachineConfig } from './machine-config.js';
import { selfSignedCertificate } from './self-signed-certificate.js';

const POLL_MS = 1000;
const NETWORK = new Set(['hostname', 'ipCidr', 'dhcp4', 'gateway', 'dnsServers']);
const NOBODY = 'nobody logs in to this system, and it takes no packages or settings of Linux';
const NOBODY_HINT = 'Leave it out: the machine configuration is all there is.';

/** A system without SSH that is configured by one file in its image. */
export class MachineConfigOs {
  id = 'machine-config';
  title = 'Machine-config OS';
  access = 'api';
  recipe = 1;

  /** @param options - `joinSecret`: where the secret of the cluster is; `port`: where the API of nodes is reached */
  constructor({ joinSecret = { env: 'MACHINE_JOIN_SECRET' }, port = 50_000 } = {}) {
    this.secretSources = { joinSecret };
    this.port = port;
  }

  plan({ network, credentials, acceptMismatch }) {
    const [problem] = problemsOf({ network, credentials });
    if (problem) throw new MachineConfigError(problem.code, problem.message, { hint: problem.hint });
    const { hostname, ipCidr: address, gateway, dnsServers = [] } = network;
    return { hostname, address, gateway, dnsServers, acceptMismatch };
  }

  checkCredentials(credentials) {
    const [problem] = problemsOf({ credentials });
    if (problem) throw new MachineConfigError(problem.code, problem.message, { hint: problem.hint });
  }

  async check({ network, credentials }) {
    return problemsOf({ network, credentials });
  }

  async apply({ acceptMismatch, ...plan }, image, { hostKeys, own }, { installation }) {
    const files = await image.files(1);
    if (!acceptMismatch && !(await files.exists(MACHINE_MARKER)))
      throw new MachineConfigError('MACHINE_CONFIG_IMAGE', `the image has no ${MACHINE_MARKER}`, {
        hint: 'Give an image of this system, or force this one.',
      });
    const identity = installation && identityOf(hostKeys);
    const content = renderMachineConfig(
      plan,
      identity && {
        certificate: selfSignedCertificate(identity, installation.id),
        key: identity.privateKey.export({ format: 'pem', type: 'pkcs8' }),
      },
      { id: installation?.id ?? '', joinSecret: own.joinSecret.reveal() },
    );
    await files.writeFile(MACHINE_CONFIG, content);
    return {
      verify: async () => {
        if ((await files.readText(MACHINE_CONFIG)) !== content)
          throw new MachineConfigError('MACHINE_CONFIG_CHANGED', `${MACHINE_CONFIG} was changed afterwards`, {
            hint: 'Leave this file to the plugin: the node could not prove which installation it is.',
          });
      },
    };
  }

  /** By the key of its certificate, which is new at every installation. */
  whoAnswers({ node, hostKeys, signal }) {
    return askMachine({ host: node.ipAddress, port: this.port, hostKeys, signal });
  }

  async waitUntilReady({ operation: { node, signal, progress }, installed: { hostKeys }, timeoutMs }) {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const found = await this.whoAnswers({ node, hostKeys, signal });
      if (found.answer === 'expected') return {}; // it tells nothing of its module
      if (Date.now() >= end)
        throw new MachineConfigError('MACHINE_CONFIG_NOT_READY', `${node.hostname} is not up: ${found.why}`, {
          hint: 'Look at its console. The image is on its disk; a further run installs it again.',
        });
      progress({ activity: 'wait for the machine API', note: found.why });
      await sleep(Math.min(POLL_MS, Math.max(1, end - Date.now())), undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      );
    }
  }
}

/** Everything that is asked for and cannot be. */
function problemsOf({ network = {}, credentials = {} }) {
  const isGiven = ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0);
  const asked = Object.entries(credentials)
    .filter(([key]) => key !== 'passwordFrom')
    .filter(isGiven);
  const other = Object.entries(network)
    .filter(([key]) => !NETWORK.has(key))
    .filter(isGiven);
  return [
    ...asked.map(([key]) => ({
      setting: ['credentials', key],
      code: 'MACHINE_CONFIG_NO_USERS',
      message: `${key} is given, and ${NOBODY}`,
      hint: NOBODY_HINT,
    })),
    ...other.map(([key]) => ({
      setting: ['network', key],
      code: 'MACHINE_CONFIG_NETWORK',
      message: `the machine configuration cannot say ${key}`,
      hint: 'Leave it out.',
    })),
  ];
}
