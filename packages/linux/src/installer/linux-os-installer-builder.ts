import {
  type Context,
  type CustomizedImage,
  type FirstBootCredentials,
  type GenericInstallConfig,
  type InstalledNode,
  type OsInstallerBuilder,
  type OsInstallerOptions,
  PhaseError,
} from '@turingpi/core/plugin';
import type { ToolboxSource } from '../profile/linux-toolbox.js';
import { finishImage } from './finish-image.js';
import { Installation } from './installation.js';
import { rememberLogin } from './node-login.js';

/** Phase 2 for every Linux: sees to it that the image holds what was asked, and gets it onto the node. */
export class LinuxOsInstallerBuilder implements OsInstallerBuilder {
  #image: CustomizedImage | undefined;
  #generic: GenericInstallConfig = {};

  constructor(
    private readonly toolbox: ToolboxSource,
    private readonly options: OsInstallerOptions = {},
  ) {}

  usingImage(image: CustomizedImage): this {
    this.#image = image;
    return this;
  }

  withGenericConfig(config: GenericInstallConfig): this {
    this.#generic = { ...this.#generic, ...config };
    return this;
  }

  /** @throws PhaseError `PHASE_INPUT_MISSING` without an image; whatever finishing the image and installing throw. */
  async run(context: Context): Promise<InstalledNode> {
    if (this.#image === undefined)
      throw new PhaseError(
        'PHASE_INPUT_MISSING',
        `no image for ${context.node.hostname}: usingImage was not called`,
        {
          hint: 'Call usingImage with the result of the image builder before run.',
        },
      );
    const { username, initialUserPassword: password, firstLogin: options, ...boot } = this.options;
    const asked: FirstBootCredentials = {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...this.#generic,
    };
    const toolbox = this.toolbox(context);
    const { image, credentials, firstLogin } = await finishImage(context, toolbox.profile, {
      image: this.#image,
      asked,
      firstLogin: options,
      skipBootWait: boot.skipBootWait === true,
    });
    const login = {
      password: firstLogin?.newPassword ?? credentials?.password,
      sshKeys: firstLogin?.sshKeys ?? credentials?.sshKeys ?? [],
    };
    const installation = new Installation(context, toolbox, { image, login, firstLogin, ...boot });
    const installed = await context.runPhase(installation.step());
    rememberLogin(context.node, { installed, ...login });
    return installed;
  }
}
