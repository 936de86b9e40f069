/** Where it is, on the first partition of the image. */
export const MACHINE_CONFIG = '/machine/config.yaml';

/** What base images of this system have, on the same partition. */
export const MACHINE_MARKER = '/machine/system';

/** The machine configuration as YAML; what JSON says of a text, YAML says too. */
export function renderMachineConfig(
  { hostname, address, gateway, dnsServers },
  identity,
  { id, joinSecret },
) {
  const text = JSON.stringify;
  return [
    'version: v1',
    'machine:',
    `  hostname: ${text(hostname)}`,
    `  installation: ${text(id)}`,
    '  network:',
    ...(address === undefined ? ['    dhcp: true'] : [`    address: ${text(address)}`]),
    ...(gateway === undefined ? [] : [`    gateway: ${text(gateway)}`]),
    `    dnsServers: ${text(dnsServers)}`,
    '  api:',
    `    certificate: ${text(identity?.certificate ?? '')}`,
    `    key: ${text(identity?.key ?? '')}`,
    'cluster:',
    `  joinSecret: ${text(joinSecret)}`,
    '',
  ].join('\n');
}
