import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AmbiguousMode } from './file-mode.js';
import { loadConfig } from './load-config.js';

async function configFile(text: string): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'turingpi-config-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'turingpi.yaml');
  await writeFile(file, text);
  return file;
}

describe('loadConfig', () => {
  it('takes modes as they are written, wherever one stands, and no other number', async () => {
    const file = await configFile(
      [
        'workflow:',
        '  files:',
        ...['0644', '0o644', '"0644"', '"644"', '644', '420', '01777', '0'].map(
          (mode) => `    - { path: /a, content: x, mode: ${mode}, values: { mode: 0644 } }`,
        ),
        '  postInstall: [{ copy: { source: a, path: /a, mode: 0755 } }, { write: { mode: 04755 } }, { mode: 0644 }]',
        '  nodes: { node1: { files: &f [{ mode: 0600 }] }, node2: { files: *f } }',
      ].join('\n'),
    );
    const { workflow } = (await loadConfig(file)).input as { workflow: Record<string, unknown> };
    const modes = (workflow['files'] as { mode: unknown; values: unknown }[]).map(({ mode }) => mode);
    expect(modes).toEqual([
      0o644,
      0o644,
      '0644',
      '644',
      new AmbiguousMode('644'),
      new AmbiguousMode('420'),
      0o1777,
      0,
    ]);
    expect(workflow).toMatchObject({
      files: expect.arrayContaining([expect.objectContaining({ values: { mode: 644 } })]) as unknown,
      postInstall: [{ copy: { mode: 0o755 } }, { write: { mode: 0o4755 } }, { mode: 644 }],
      nodes: { node1: { files: [{ mode: 0o600 }] }, node2: { files: [{ mode: 0o600 }] } },
    });
  });
});
