import { LinuxError } from '../linux-error.js';

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * Checks a host name (RFC 1123): one label, or several with dots.
 *
 * @throws LinuxError `HOSTNAME_INVALID`
 */
export function checkHostname(hostname: string): void {
  const labels = hostname.split('.');
  const wrong =
    hostname === ''
      ? 'is empty'
      : hostname.length > 64
        ? 'is longer than the 64 bytes that Linux allows'
        : labels.every((label) => /^\d+$/.test(label))
          ? 'consists of digits only'
          : labels.find((label) => !LABEL.test(label)) !== undefined
            ? 'is not made of letters, digits and inner hyphens, at most 63 a label'
            : hostname.toLowerCase() === 'localhost'
              ? "is every machine's own name"
              : undefined;
  if (wrong !== undefined)
    throw new LinuxError('HOSTNAME_INVALID', `hostname '${hostname}' ${wrong}`, {
      hint: 'Use a name like node1 or rk1-a.',
    });
}

/** @throws LinuxError `NETWORK_DOMAIN_INVALID` */
export function checkDomain(domain: string): void {
  const labels = domain.replace(/\.$/, '').split('.');
  if (domain.length > 253 || !labels.every((label) => LABEL.test(label)))
    throw new LinuxError('NETWORK_DOMAIN_INVALID', `searchDomains: '${domain}' is not a domain name`, {
      hint: 'Use a name like lan or example.org.',
    });
}

/**
 * Gives `/etc/hosts` the line that resolves the node's own name (127.0.1.1, Debian's convention).
 *
 * @remarks Other lines stay. A name with dots is written in full first, then its first label.
 */
export function renderHostsFile(existing: string | undefined, hostname: string): string {
  const short = hostname.split('.')[0] ?? hostname;
  const own = `127.0.1.1\t${short === hostname ? hostname : `${hostname} ${short}`}`;
  const base =
    existing ??
    '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n';
  const lines = base.replace(/\n+$/, '').split('\n');
  const at = lines.findIndex((line) => /^\s*127\.0\.1\.1\s/.test(line));
  const others = lines.filter((line) => !/^\s*127\.0\.1\.1\s/.test(line));
  const loopback = others.findLastIndex((line) => /^\s*127\.0\.0\.1\s/.test(line));
  others.splice(at >= 0 ? Math.min(at, others.length) : loopback + 1, 0, own);
  return `${others.join('\n')}\n`;
}
