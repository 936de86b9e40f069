import type { ImageModifier } from '@turingpi/image';
import { ProvisioningError } from '../provisioning-error.js';

/** Numbers by which a file in an image says whose it is. */
export interface ImageOwner {
  readonly uid: number;
  readonly gid: number;
}

const NUMBER = /^\d+$/;

/**
 * Whose a file in an image is to be, by the accounts that the image has. Numbers are taken as they are.
 *
 * @param owner - `user:group`, or `user` for the user's own group; names or numbers
 * @param file - for whom it is asked, for messages
 * @throws ProvisioningError `FILE_OWNER_UNKNOWN` when the image has no such user or group
 */
export async function ownerInImage(
  image: Pick<ImageModifier, 'readFile'>,
  owner: string,
  file: string,
): Promise<ImageOwner> {
  const [user = '', group] = owner.split(':');
  const users = await accountsIn(image, '/etc/passwd');
  const found = users.find(([name, , uid]) => name === user || uid === user);
  const uid = NUMBER.test(user) ? user : found?.[2];
  if (uid === undefined) throw unknown(file, 'user', user);
  const gid = group === undefined ? (found?.[3] ?? uid) : await groupNumber(image, group);
  if (gid === undefined) throw unknown(file, 'group', group ?? '');
  return { uid: Number(uid), gid: Number(gid) };
}

async function groupNumber(
  image: Pick<ImageModifier, 'readFile'>,
  group: string,
): Promise<string | undefined> {
  if (NUMBER.test(group)) return group;
  return (await accountsIn(image, '/etc/group')).find(([name]) => name === group)?.[2];
}

/** The lines of a file of accounts, each cut at its colons (passwd(5), group(5)). */
async function accountsIn(
  image: Pick<ImageModifier, 'readFile'>,
  file: string,
): Promise<readonly string[][]> {
  const text = (await image.readFile(file)).toString('utf8');
  return text.split('\n').map((line) => line.split(':'));
}

function unknown(file: string, kind: 'user' | 'group', name: string): ProvisioningError {
  return new ProvisioningError(
    'FILE_OWNER_UNKNOWN',
    `${file} is to belong to the ${kind} ${name}, which the image does not have`,
    {
      category: 'configuration',
      hint: 'Accounts that are made at the first boot, as that of workflow.user, are not in the image yet: put the file there with a `write` step, or give numbers.',
      details: { file, [kind]: name },
    },
  );
}
