import { type ConfigIssue, examineSecret, type ReadSecretOptions } from '@turingpi/core/plugin';

import { isHashedPassword } from '../credential/hashed-password.js';
import { readSshKeys } from '../credential/ssh-key-source.js';
import type { Secret } from '@turingpi/foundation';
import type { DeclarativeNodePart } from './declarative-schema.js';
import { defined } from './defined.js';
import type { FirstBootCredentials } from '../image/first-boot-credentials.js';

/** What a section says about the first boot, with its secrets read as far as they are there. */
export interface ExaminedUser {
  readonly credentials: FirstBootCredentials;
  /** Which of `user.sshKeys` each key in the credentials is from. */
  readonly keyPlaces: readonly number[];
  /** Paths start in the section. */
  readonly issues: readonly ConfigIssue[];
}

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
  else if (hash.secret && !isHashedPassword(hash.secret))
    say('is no whole hash; one begins with $5$, $6$ or $y$, as `mkpasswd -m sha-512` prints it');
  const keys = user?.sshKeys && (await readSshKeys(user.sshKeys, place.baseDir));
  issues.push(
    ...(keys?.issues ?? []).map((issue) => ({ ...issue, path: ['user', 'sshKeys', ...issue.path] })),
  );
  return {
    credentials: defined({
      username: user?.name,
      password,
      sshKeys: keys?.keys,
      passwordAuthentication: user?.passwordAuthentication,
      timezone: part.timezone,
      locale: part.locale,
      packages: part.packages,
    }),
    keyPlaces: keys?.places ?? [],
    issues,
  };
}
