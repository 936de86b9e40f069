import type { SshdSetting } from './sshd-config.js';

/** What the node is known by: its host keys and where it listens. */
export interface SshPlace {
  /** Paths of the private host keys in the image. */
  readonly hostKeyPaths: readonly string[];
  /** The node's static addresses. */
  readonly addresses: readonly string[];
}

/** A setting that is of another machine, and the lines that sshd is to read before it. */
export interface SshdMisfit {
  readonly setting: SshdSetting;
  readonly remedies: readonly string[];
}

const OUR_KEYS = /^\/etc\/ssh\/ssh_host_[a-z0-9]+_key$/;
const EVERYWHERE = /^(\*|any|0\.0\.0\.0|::|\[::\])(:\d+)?$/;

/**
 * Finds settings of a machine that an image was taken from: host keys of its own, which would answer in place of ours
 * (the first key of a type counts), and an address that the node does not have (sshd would listen nowhere).
 */
export function findSshdMisfits(settings: readonly SshdSetting[], place: SshPlace): SshdMisfit[] {
  const said = (keyword: string): SshdSetting[] =>
    settings.filter((setting) => setting.keyword === keyword && setting.match === undefined);
  const misfits: SshdMisfit[] = [];
  const foreign = said('hostkey').find(({ values }) => !OUR_KEYS.test(values[0] ?? ''));
  if (foreign && place.hostKeyPaths.length > 0)
    misfits.push({ setting: foreign, remedies: place.hostKeyPaths.map((path) => `HostKey ${path}`) });
  const listens = said('listenaddress');
  const reaches = ({ values: [value = ''] }: SshdSetting): boolean =>
    EVERYWHERE.test(value) || place.addresses.some((address) => hostOf(value) === address);
  if (listens[0] && !listens.some(reaches) && place.addresses.length > 0)
    misfits.push({
      setting: listens[0],
      remedies: place.addresses.map((address) => `ListenAddress ${address}`),
    });
  return misfits;
}

/** The port setting of an image whose SSH server does not listen where it is looked for unless something else is said. */
export function findForeignPort(settings: readonly SshdSetting[]): SshdSetting | undefined {
  const ports = settings.filter(({ keyword, match }) => keyword === 'port' && match === undefined);
  return ports.some(({ values }) => values[0] === '22') ? undefined : ports[0];
}

/** Without port: `[fd00::1]:22`, `192.168.1.10:22`, `fd00::1`. */
function hostOf(value: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(value)?.[1] ?? /^([^:]+):\d+$/.exec(value)?.[1] ?? value;
}
