import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Secret } from '@turingpi/foundation';
import { type ActionEnvironment, type PostInstallAction } from '@turingpi/provisioning';
import provisioningPlugin from '@turingpi/provisioning';
import { connectSsh, ProcessLocalRuntime, type SshTarget } from '@turingpi/runtime';

/** What {@link runScenario} is told, as JSON in a file. */
export interface ScenarioOrder {
  readonly nodes: readonly {
    readonly target: Omit<SshTarget, 'auth'>;
    /** Directory of the node, in which all is done. */
    readonly root: string;
  }[];
  /** The private key with which all nodes let us in, OpenSSH form. */
  readonly keyFile: string;
  /** A file that is copied, and one that is a template. */
  readonly source: string;
  readonly template: string;
}

type Step = readonly [id: string, input: unknown];

/** The thirty actions, of which the scenarios of the others say the same. */
function steps(root: string, source: string, template: string): readonly Step[] {
  const times = (count: number, step: (index: number) => Step): Step[] =>
    Array.from({ length: count }, (_, index) => step(index));
  const sudo = false;
  return [
    ...times(4, (index) => ['mkdir', { path: `${root}/directory-${index}`, mode: 0o755 }]),
    ...times(6, (index) => [
      'write',
      { path: `${root}/directory-0/file-${index}`, content: `content ${index}\n`.repeat(20), mode: 0o644 },
    ]),
    ...times(3, (index) => ['copy', { source, path: `${root}/directory-1/copy-${index}`, mode: 0o644 }]),
    ...times(3, (index) => [
      'template',
      {
        source: template,
        path: `${root}/directory-2/service-${index}`,
        mode: 0o644,
        values: { service: `service-${index}`, port: 8000 + index },
      },
    ]),
    ...times(4, (index) => [
      'lineInFile',
      { path: `${root}/directory-0/file-${index}`, line: `added = ${index}` },
    ]),
    ...times(3, (index) => [
      'symlink',
      { path: `${root}/directory-3/link-${index}`, target: `${root}/directory-0/file-${index}` },
    ]),
    ...times(2, (index) => ['remove', { paths: [`${root}/directory-0/file-${index + 4}`] }]),
    ...times(5, (index) => ['run', { command: `uname -a >${root}/directory-3/ran-${index}`, sudo }]),
  ];
}

/** Does the scenario on all nodes at once, one action after the other on each. */
async function runScenario({ nodes, keyFile, source, template }: ScenarioOrder): Promise<void> {
  const privateKey = new Secret(await readFile(keyFile, 'utf8'));
  const actions = new Map((provisioningPlugin.actions ?? []).map((Action) => made(Action)));
  const { signal } = new AbortController();
  await Promise.all(
    nodes.map(async ({ target, root }, index) => {
      await using session = await connectSsh({ ...target, auth: { privateKey } }, { signal });
      const environment: ActionEnvironment = {
        node: { id: 1, hostname: `node${index}`, ipAddress: target.host },
        ...{ signal, baseDir: '/', progress: () => undefined, local: new ProcessLocalRuntime() },
        session: () => Promise.resolve(session),
        reboot: () => Promise.reject(new Error('the scenario restarts nothing')),
        digest: (content) => Promise.resolve(createHash('sha256').update(content).digest('hex')),
        secret: () => Promise.reject(new Error('the scenario has no secrets')),
        redact: (text) => text,
      };
      for (const [id, input] of steps(root, source, template)) {
        const action = actions.get(id);
        if (action === undefined) throw new Error(`there is no action ${id}`);
        await action.inputs(input, environment); // what the journal would ask for
        await action.perform(input, environment);
      }
    }),
  );
}

function made(Action: unknown): [string, PostInstallAction] {
  const action = new (Action as new () => PostInstallAction)();
  return [action.id, action];
}

await runScenario(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as ScenarioOrder);
