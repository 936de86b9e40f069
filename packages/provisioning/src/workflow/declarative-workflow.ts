import {
  type Workflow,
  type ClusterConfig,
  configInvalid,
  type ParseConfigOptions,
  resolvePath,
  type Node,
  readSecret,
  type TuringPi,
} from '@turingpi/core/plugin';

import type { AdoptionRequest } from '../adoption/adoption.js';

import { Secret, type SecretSource } from '@turingpi/foundation';
import { actionsOf } from '../action/actions.js';
import { settingInputs } from '../generation/image-inputs.js';
import { ownerInImage } from '../image/image-owner.js';
import { imageBuilderOf } from '../image/image-builder.js';
import { osInstallerOf } from '../installation/os-installer.js';
import { assertCommandsPossible } from '../os/commands-possible.js';
import { credentialsFor } from '../os/credentials-for.js';
import { operatingSystemOf } from '../os/operating-systems.js';
import { postInstallerOf } from '../post-install/post-installer.js';
import type { DriftedPart } from '../drift/drifted-part.js';
import { driftOfNode } from '../drift/node-drift.js';
import { baseImageOf, mergedPart, networkOf } from './declared-node.js';
import { defined } from './defined.js';
import { examineUserSecrets } from './examine-user-secrets.js';
import type { DeclarativeFile, DeclarativeNodePart, DeclarativeWorkflow } from './declarative-schema.js';
import { parseWorkflow } from './parse-workflow.js';
import { placeOfStep } from './place-of-step.js';
import { performSteps, stepNeedsRoot, stepsOf } from './planned-steps.js';
import type { FirstBootCredentials } from '../image/first-boot-credentials.js';
import type { BaseImageSource, ImageFileOptions, ImageModifier } from '@turingpi/image';

import type { FirstLoginOptions } from '../installation/os-installer-options.js';

/** A cluster with a `workflow` section in its configuration, and the plugins that know its keys. */
export type DeclaredCluster = Pick<TuringPi, 'config' | 'registry'>;

type Place = Pick<ParseConfigOptions, 'source' | 'placeOf' | 'pathInWhole'>;
type SecretPlace = Pick<ParseConfigOptions, 'baseDir' | 'environment'>;

export interface DeclarativeWorkflowOptions extends Place {
  readonly environment: ParseConfigOptions['environment'];
  /** Take base images that were made for another board or system. */
  readonly force?: boolean;
  /** How nodes are installed for now, whatever the section says. */
  readonly strategyForNow?: string | undefined;
}

/**
 * Turns the `workflow` section of a configuration into a workflow, through whichever plugins it needs.
 *
 * @throws ConfigError `CONFIG_INVALID` naming the key, also when a node lacks an operating system or a base image.
 */
export function declarativeWorkflow(
  { config, registry }: DeclaredCluster,
  options: DeclarativeWorkflowOptions,
): Workflow {
  const actions = actionsOf(registry.extensions);
  const { workflow, issues } = parseWorkflow(config.workflow, actions);
  if (issues.length > 0) throw configInvalid(issues, options);
  for (const id of config.nodes.keys()) planFor(config, workflow, id, options);
  return async (context, node) => {
    const plan = planFor(config, workflow, node.id, options);
    const declared = { id: node.id, board: config.boardName };
    const place = placeOfStep(workflow, declared, ['postInstall'], options);
    const steps = stepsOf(plan.part.postInstall ?? [], actions, place);
    const secrets = { baseDir: config.baseDir, environment: options.environment };
    const credentials = await credentialsOf(plan.part, secrets, options);
    const firstLogin = await firstLoginOf(plan.part, secrets);
    const { username: _name, password: _password, sshKeys: _keys, ...settings } = credentials;
    if (steps.some(({ action }) => action.place === 'node'))
      assertCommandsPossible(operatingSystemOf(context, plan.os), node.hostname);
    const builder = imageBuilderOf(plan.os);
    if (steps.some(stepNeedsRoot)) builder.requireRoot();
    const image = await builder
      .withBaseImage(plan.baseImage)
      .withNetworkConfig(networkOf(node, plan.part))
      .withCredentials(firstLogin ? settings : credentials) // its accounts stay as they are until then
      .withPreInstall((modifier) => writeFiles(modifier, plan.part.files ?? [], config.baseDir))
      .withForce(options.force ?? false)
      .run(context);
    await osInstallerOf(
      plan.os,
      defined({
        username: credentials.username,
        initialUserPassword: credentials.password,
        strategy: plan.part.install?.strategy,
        strategyForNow: options.strategyForNow,
        target: plan.part.install?.target,
        skipBootWait: plan.part.install?.skipBootWait,
        bootTimeoutMs: plan.part.install?.bootTimeoutMs,
        firstLogin,
      }),
    )
      .usingImage(image)
      .withGenericConfig(
        defined({
          sshKeys: credentials.sshKeys,
          passwordAuthentication: credentials.passwordAuthentication,
          timezone: credentials.timezone,
          locale: credentials.locale,
          packages: credentials.packages,
        }),
      )
      .run(context);
    await postInstallerOf(plan.os, { foreseeable: true }).runActions(context, (_local, _remote, perform) =>
      performSteps(steps, perform, config.baseDir),
    );
  };
}

/**
 * How nodes differ by now from what the `workflow` section says, and from the settings on record of them: a workflow that
 * tells it, for a context of a plan.
 *
 * @param onDrift - told of each node that was compared
 * @throws ConfigError `CONFIG_INVALID`
 */
export function declarativeDrift(
  { config, registry }: DeclaredCluster,
  options: DeclarativeWorkflowOptions,
  onDrift: (node: Node, parts: readonly DriftedPart[]) => void,
): Workflow {
  const actions = actionsOf(registry.extensions);
  const { workflow, issues } = parseWorkflow(config.workflow, actions);
  if (issues.length > 0) throw configInvalid(issues, options);
  return async (context, node) => {
    const { os, part } = planFor(config, workflow, node.id, options);
    const steps = stepsOf(part.postInstall ?? [], actions);
    const secrets = { baseDir: config.baseDir, environment: options.environment };
    const {
      username,
      sshKeys,
      password: _password,
      ...settings
    } = await credentialsOf(part, secrets, options);
    const isFirstLogin = part.install?.firstLogin !== undefined; // its accounts are as they come in the image
    const asked = isFirstLogin ? settings : defined({ ...settings, username, sshKeys });
    const wanted = settingInputs({
      ...{ os, board: node.config.board, network: networkOf(node, part) },
      credentials: await credentialsFor(context, operatingSystemOf(context, os), asked),
    });
    onDrift(node, await driftOfNode(context, steps, config.baseDir, wanted));
  };
}

/**
 * Who may log in to a node, as the `workflow` section says it.
 *
 * @throws ConfigError `CONFIG_INVALID`, `CONFIG_SECRET_MISSING`
 */
export async function declarativeLogin(
  { config, registry }: DeclaredCluster,
  id: Node['id'],
  options: DeclarativeWorkflowOptions,
): Promise<AdoptionRequest['login']> {
  const { workflow, issues } = parseWorkflow(config.workflow, actionsOf(registry.extensions));
  if (issues.length > 0 || config.nodes.get(id)?.os === undefined) return {};
  const { part } = planFor(config, workflow, id, options);
  const secrets = { baseDir: config.baseDir, environment: options.environment };
  const { username, password, sshKeys } = await credentialsOf(part, secrets, options);
  return { username, password: Secret.is(password) ? password : undefined, sshKeys };
}

interface NodePlan {
  readonly os: string;
  readonly baseImage: BaseImageSource;
  readonly part: DeclarativeNodePart;
}

function planFor(
  config: ClusterConfig,
  workflow: DeclarativeWorkflow,
  id: Node['id'],
  place: Place,
): NodePlan {
  const node = config.nodes.get(id);
  const os = node?.os;
  if (node === undefined || os === undefined)
    throw configInvalid(
      [{ path: [`node${id}`, 'os'], message: 'is required by the workflow, for example ubuntu or debian' }],
      place,
    );
  const declared = { id, board: config.boardName };
  const baseImage = baseImageOf(workflow, declared, { os, board: node.board })?.source;
  if (baseImage === undefined)
    throw configInvalid(
      [
        {
          path: ['workflow', 'baseImages'],
          message: `has no base image for ${os}/${node.board} (node${id})`,
        },
      ],
      place,
    );
  return {
    os,
    baseImage: typeof baseImage === 'string' ? resolvePath(config.baseDir, baseImage) : baseImage,
    part: mergedPart(workflow, declared),
  };
}

/** @throws ConfigError `CONFIG_SECRET_MISSING`, `CONFIG_INVALID`. */
async function credentialsOf(
  part: DeclarativeNodePart,
  secrets: SecretPlace,
  place: Place,
): Promise<FirstBootCredentials> {
  const { credentials, issues } = await examineUserSecrets(part, secrets);
  if (issues.length > 0)
    throw configInvalid(
      issues.map((issue) => ({ ...issue, path: ['workflow', ...issue.path] })),
      place,
    );
  return credentials;
}

/** A login that is written out is a publicly known one, and stays a text: no secret that messages must not show. */
async function firstLoginOf(
  part: DeclarativeNodePart,
  place: SecretPlace,
): Promise<FirstLoginOptions | undefined> {
  const given = part.install?.firstLogin;
  if (given === undefined) return undefined;
  const source: SecretSource | undefined = given.password;
  const password =
    typeof source === 'string'
      ? source
      : await readSecret(source, { key: 'workflow.install.firstLogin.password', ...place });
  return defined({ ...given, password });
}

async function writeFiles(
  image: ImageModifier,
  files: readonly DeclarativeFile[],
  baseDir: string,
): Promise<void> {
  for (const file of files) {
    const target = file.partition === undefined ? image : image.partition(file.partition);
    const { owner, uid, gid } = file;
    const whose = owner === undefined ? { uid, gid } : await ownerInImage(image, owner, file.path);
    const options: ImageFileOptions = defined({ mode: file.mode, ...whose });
    if (file.content !== undefined) await target.writeFile(file.path, file.content, options);
    else if (file.source !== undefined)
      await target.copyLocalFile(resolvePath(baseDir, file.source), file.path, options);
    else if (file.sourceDirectory !== undefined)
      await target.copyLocalDirectory(resolvePath(baseDir, file.sourceDirectory), file.path, options);
    else if (file.template !== undefined)
      await target.writeTemplate(resolvePath(baseDir, file.template), file.path, file.values ?? {}, options);
    else if (file.symlinkTo !== undefined) await target.symlink(file.symlinkTo, file.path);
    else await target.remove(file.path);
  }
}
