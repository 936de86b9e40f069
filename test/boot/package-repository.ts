import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';

/** A package that says who it is when it is called. */
export const PACKAGE = 'boot-hello';

/**
 * Makes a package repository with {@link PACKAGE} in it, for nodes that cannot reach any other.
 *
 * @param directory - to be made; becomes the repository
 */
export async function makePackageRepository(directory: string): Promise<void> {
  const content = path.join(directory, 'content');
  await mkdir(path.join(content, 'DEBIAN'), { recursive: true });
  await mkdir(path.join(content, 'usr/bin'), { recursive: true });
  await writeFile(
    path.join(content, 'DEBIAN/control'),
    `Package: ${PACKAGE}\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: says hello\n`,
  );
  await writeFile(path.join(content, 'usr/bin', PACKAGE), '#!/bin/sh\necho hello\n', { mode: 0o755 });
  const file = `${PACKAGE}_1.0_all.deb`;
  const staged = path.join(directory, 'staged.deb');
  await execa('dpkg-deb', ['--root-owner-group', '--build', content, staged]);
  await rename(staged, path.join(directory, file));
  const { stdout: control } = await execa('dpkg-deb', ['--field', path.join(directory, file)]);
  const bytes = await readFile(path.join(directory, file));
  const digest = createHash('sha256').update(bytes).digest('hex');
  await writeFile(
    path.join(directory, 'Packages'),
    `${control}\nFilename: ./${file}\nSize: ${bytes.length}\nSHA256: ${digest}\n`,
  );
}
