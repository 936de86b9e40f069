import { type ConfigIssue, examineSecret, type ReadSecretOptions } from '@turingpi/core/plugin';

import type { Secret } from '@turingpi/foundation';
import type { DeclarativeNodePart } from './declarative-schema.js';
import { defined } from './defined.js';
import type { FirstBootCredentials } from '../image/first-boot-credentials.js';

/** What a section says about the first boot, with its secrets read as far as they are there. */
export interface ExaminedUser {
  readonly credentials: FirstBootCredentials;
  /** Paths start in the section. */
  readonly issues: readonly ConfigIssue[];
}

/** How every kind of crypt(5) begins. */
const HASH = /^\$[0-9a-z]{1,3}\$/;

/** Reads the secrets of a section; what is wrong with them is told together. */
export async function examineUserSecrets(
  part: DeclarativeNodePart,
  place: Omit<ReadSecretOptions, 'key'>,
): Promise<ExaminedUser> {
  const { user, install } = part;
  const plain = await examineSecret(user?.password, { path: ['user', 'password'], ...place });
  const hash = await examineSecret(user?.passwordHash, { path: ['user', 'passwordHash'], ...place });
  const first = await examineSecret(install?.firstLogin?.password, {
    path: ['install', 'firstLogin', 'password'],
    ...place,
  });
  const password: Secret | undefined = hash.secret ?? plain.secret;
  const issues = [...plain.issues, ...hash.issues, ...first.issues];
  const say = (message: string) => issues.push({ path: ['user', 'passwordHash'], message });
  if (user?.password !== undefined && user.passwordHash !== undefined) say('is given beside a password');
  if (hash.secret && !HASH.test(hash.secret.reveal()))
    say('is no hash; one begins with $6$ or $y$, as `mkpasswd -m sha-512` prints it');
  return {
    credentials: defined({
      username: user?.name,
      password,
      sshKeys: user?.sshKeys,
      passwordAuthentication: user?.passwordAuthentication,
      timezone: part.timezone,
      locale: part.locale,
      packages: part.packages,
    }),
    issues,
  };
}
