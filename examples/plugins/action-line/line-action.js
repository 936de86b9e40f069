import { nodePath } from '@turingpi/provisioning';
import { z } from 'zod';

/** Makes sure that a file of the node has a line: one that is there already is left alone. */
export class LineAction {
  id = 'line';
  title = 'makes sure that a file has a line';
  place = 'node';
  schema = z.strictObject({
    path: nodePath,
    line: z.string().regex(/^[^\r\n]+$/, 'expected the text of one line'),
  });

  note({ path }) {
    return path;
  }

  /** The line may hold a secret: it is known by its keyed digest. */
  async inputs({ path, line }, { digest }) {
    return { path, line: await digest(line) };
  }

  async perform({ path, line }, { session, signal }) {
    const node = await session();
    const before = (await node.readFile(path, { signal, sudo: true })).toString('utf8');
    if (before.split('\n').includes(line)) return { added: false };
    const ended = before === '' || before.endsWith('\n');
    // Appended, so that owner and mode of the file stay; as input, so that no list of processes shows it.
    await node.exec(['tee', '-a', path], { signal, sudo: true, input: `${ended ? '' : '\n'}${line}\n` });
    return { added: true };
  }
}
