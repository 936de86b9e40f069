import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files in PEM. */
export interface CertificateFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes an authority in a folder. Needs openssl.
 *
 * @param address - of servers
 * @returns Makes certificates of it, for a name.
 */
export async function makeAuthority(
  folder: string,
  address = '127.0.0.1',
): Promise<(name: string) => Promise<CertificateFiles>> {
  const file = (name: string) => path.join(folder, name);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const openssl = (...words: string[]) => run('openssl', words, { cwd: folder });
  const authority = ['-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test', '-days', '2'];
  await openssl('req', '-x509', ...newKey, ...authority);
  await writeFile(file('names'), `subjectAltName=IP:${address}\n`);
  return async (name) => {
    const [cert, key, request] = [`${name}.crt`, `${name}.key`, `${name}.csr`];
    await openssl('req', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${name}`);
    const sign = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
    await openssl('x509', '-req', '-in', request, ...sign, '-out', cert);
    return { ca: file('ca.crt'), cert: file(cert), key: file(key) };
  };
}
