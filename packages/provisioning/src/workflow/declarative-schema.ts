import { z } from 'zod';
import { localPath, secretSource as secret } from '@turingpi/core/plugin';
import { fileOwner } from '../action/file-owner.js';
import type { PostInstallAction } from '../action/post-install-action.js';
import { isDeclarable, type Step, stepSchemaOf } from '../action/step.js';
import { sshKeySource } from '../credential/ssh-key-source.js';
import { fileMode } from './file-mode.js';

const digest = z.string().regex(/^[0-9a-f]{64}$/i, 'expected 64 hexadecimal digits');
const baseImage = z.union(
  [
    localPath,
    z.strictObject({ url: z.url(), sha256: digest }),
    z.strictObject({ url: z.url(), sha256Url: z.url() }),
  ],
  'expected a path, { url, sha256 } or { url, sha256Url }',
);
const mode = fileMode.optional();
const imagePath = z.string().startsWith('/', 'expected an absolute path inside the image');

/** One entry of `files`: what it writes is told by which of the sources is given. */
const file = z
  .strictObject({
    path: imagePath,
    content: z.string().optional(),
    source: localPath.optional(),
    sourceDirectory: localPath.optional(),
    template: localPath.optional(),
    values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    symlinkTo: z.string().min(1).optional(),
    remove: z.literal(true).optional(),
    mode,
    uid: z.int().min(0).optional(),
    gid: z.int().min(0).optional(),
    /** By the names that the image knows. */
    owner: fileOwner.optional(),
    /** Label, number or GUID of another partition than the root filesystem. */
    partition: z.union([z.string().min(1), z.int().min(1)]).optional(),
  })
  .refine(
    (entry) =>
      [
        entry.content,
        entry.source,
        entry.sourceDirectory,
        entry.template,
        entry.symlinkTo,
        entry.remove,
      ].filter((given) => given !== undefined).length === 1,
    'needs exactly one of content, source, sourceDirectory, template, symlinkTo, remove',
  )
  .refine(
    ({ owner, uid, gid }) => owner === undefined || (uid ?? gid) === undefined,
    'says whose it is twice: by owner, and by uid and gid',
  );

/** One post-install step. Without actions, because plugins could not be loaded, any: nothing is known to be wrong. */
function stepSchema(actions: readonly PostInstallAction[] | undefined): z.ZodType<Step> {
  const declarable = (actions ?? []).filter(isDeclarable);
  const anyOf = ([first, ...others]: readonly z.ZodObject[]) =>
    first === undefined ? z.record(z.string(), z.unknown()) : z.union([first, ...others]);
  const handlers = z.array(anyOf(declarable.map((action) => stepSchemaOf(action)))).min(1);
  return anyOf(declarable.map((action) => stepSchemaOf(action, handlers)));
}

const commandLine = z.union(
  [z.string().min(1), z.array(z.string()).min(1)],
  'expected a command line, or a list of a program and its arguments',
);

const parts = {
  user: z
    .strictObject({
      name: z.string().min(1).optional(),
      password: secret.optional(),
      /** As in `/etc/shadow`; nobody can log in with it from here. */
      passwordHash: secret.optional(),
      sshKeys: z.array(sshKeySource).optional(),
      passwordAuthentication: z.boolean().optional(),
    })
    .optional(),
  /** How it is told that a node which was installed does its work again. */
  healthy: z
    .union(
      [
        z.strictObject({ port: z.int().min(1).max(65_535), timeoutMs: z.int().positive().optional() }),
        z.strictObject({ run: commandLine, timeoutMs: z.int().positive().optional() }),
      ],
      'expected { port } or { run }, and perhaps timeoutMs',
    )
    .optional(),
  timezone: z.string().min(1).optional(),
  locale: z.string().min(1).optional(),
  packages: z.array(z.string().min(1)).optional(),
  network: z
    .strictObject({
      searchDomains: z.array(z.string().min(1)).optional(),
      mtu: z.int().optional(),
      vlan: z.int().optional(),
      ip6Cidr: z.string().optional(),
      gateway6: z.string().optional(),
      onLink: z.boolean().optional(),
      dhcp4: z.boolean().optional(),
      interfaceName: z.string().min(1).optional(),
    })
    .optional(),
  files: z.array(file).optional(),
  install: z
    .strictObject({
      strategy: z.string().min(1).optional(),
      /** Where the system goes, for a strategy that lets choose. */
      target: z.string().min(1).optional(),
      skipBootWait: z.boolean().optional(),
      bootTimeoutMs: z.int().positive().optional(),
      /** Accounts stay as the image ships them; empty: the customary login. */
      firstLogin: z
        .strictObject({
          username: z.string().min(1).optional(),
          password: secret.optional(),
          over: z.enum(['ssh', 'console']).optional(),
        })
        .optional(),
    })
    .optional(),
};

/** A node of the board, or of one of several. */
const NODE_KEY = /^(?:node|[^/]+\/)[1-4]$/;

/**
 * The `workflow` section of a configuration file: what is done to every node, without code.
 *
 * @param actions - what the loaded plugins can do after the installation; undefined when they could not be loaded
 */
export function declarativeWorkflowSchema(actions: readonly PostInstallAction[] | undefined) {
  if (last === undefined || !areSame(last.actions, actions)) last = { actions, schema: workflowOf(actions) };
  return last.schema;
}

/** Whoever checks, plans and installs asks for the same schema; to make it takes longer than to parse with it. */
let last:
  | {
      readonly actions: readonly PostInstallAction[] | undefined;
      readonly schema: ReturnType<typeof workflowOf>;
    }
  | undefined;

function areSame(a: readonly PostInstallAction[] | undefined, b: typeof a): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((action, index) => action === b[index]);
}

function workflowOf(actions: readonly PostInstallAction[] | undefined) {
  const postInstall = z.array(stepSchema(actions)).optional();
  /** Steps around an installation, which are not journaled. */
  const hooks = z.strictObject({ beforeErase: postInstall, afterInstall: postInstall }).optional();
  /** What a node may say for itself: lists come after the common ones, other keys replace them. */
  const nodePart = z.strictObject({ ...parts, postInstall, hooks, baseImage: baseImage.optional() });
  return z.strictObject({
    /** By operating system (`ubuntu`), or by operating system and board (`ubuntu/rk1`), which wins. */
    baseImages: z.record(z.string(), baseImage).default({}),
    ...parts,
    postInstall,
    hooks,
    /** `node2`: on every board; `shelf/2`: on one of several, over what is said for all of them. */
    nodes: z
      .object({
        node1: nodePart.optional(),
        node2: nodePart.optional(),
        node3: nodePart.optional(),
        node4: nodePart.optional(),
      })
      .catchall(nodePart)
      .superRefine((nodes, context) => {
        const keys = Object.keys(nodes).filter((key) => !NODE_KEY.test(key));
        if (keys.length > 0) context.addIssue({ code: 'unrecognized_keys', keys, input: nodes });
      })
      .default({}),
  });
}

export type DeclarativeWorkflowSchema = ReturnType<typeof declarativeWorkflowSchema>;
export type DeclarativeWorkflow = z.output<DeclarativeWorkflowSchema>;
export type DeclarativeFile = z.output<typeof file>;
export type DeclarativeNodePart = Omit<DeclarativeWorkflow, 'baseImages' | 'nodes'> & {
  readonly baseImage?: z.output<typeof baseImage> | undefined;
};
