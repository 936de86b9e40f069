import { X509Certificate } from 'node:crypto';
import { NoRegularFile, readRegularFile } from '@turingpi/foundation';
import type { ConfigIssue } from './describe-issues.js';
import { resolvePath } from './resolve-path.js';

/** Certificates of authorities as far as they could be read, with what is wrong. */
export interface ExaminedAuthority {
  readonly pem: string | undefined;
  readonly issues: readonly ConfigIssue[];
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Reads a file of certificates that a configuration names; one that has none, or a damaged one, is an issue. */
export async function examineAuthority(
  file: string | undefined,
  { path, baseDir }: { readonly path: readonly PropertyKey[]; readonly baseDir: string },
): Promise<ExaminedAuthority> {
  if (file === undefined) return { pem: undefined, issues: [] };
  const issue = (message: string) => ({ pem: undefined, issues: [{ path, message }] });
  const absolute = resolvePath(baseDir, file);
  let text: string;
  try {
    text = (await readRegularFile(absolute)).toString('utf8');
  } catch (cause) {
    if (cause instanceof NoRegularFile) return issue(`names ${absolute}, which ${cause.message}`);
    return issue(`cannot be read: ${absolute} (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`);
  }
  const certificates = text.match(CERTIFICATE) ?? [];
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch {
    return issue(`has a certificate that cannot be read: ${absolute}`);
  }
  if (certificates.length === 0) return issue(`has no certificate in PEM: ${absolute}`);
  return { pem: certificates.join('\n'), issues: [] };
}
