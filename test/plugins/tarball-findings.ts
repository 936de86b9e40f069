import { readFile } from 'node:fs/promises';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** What does not concern packages of ES modules alone: compilers that know no `exports`, and `require` before Node 20.19. */
const NOT_ESM: ReadonlySet<string> = new Set(['node10', 'node16-cjs']);

/** What publint and "are the types wrong" find in a tarball, for people. */
export async function tarballFindings(tarball: string): Promise<readonly string[]> {
  const content = new Uint8Array(await readFile(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: content.buffer }, strict: true });
  const checked = await checkPackage(createPackageFromTarballData(content));
  const problems = checked.types === false ? [] : checked.problems;
  return [
    ...messages.map((message) => `publint: ${formatMessage(message, pkg) ?? message.code}`),
    ...(checked.types === false ? ['types: there are none'] : []),
    ...problems
      .filter((problem) => !('resolutionKind' in problem && NOT_ESM.has(problem.resolutionKind)))
      .map((problem) => `types: ${JSON.stringify(problem)}`),
  ];
}
