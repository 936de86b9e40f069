import { type Context, type CustomizedImage, type InstalledNode, PhaseError } from '@turingpi/core/plugin';
import { nodeName } from '@turingpi/foundation';
import type { FirstBootCredentials } from '../image/first-boot-credentials.js';
import { recordLogin } from '../login/recorded-login.js';
import { operatingSystemOf } from '../os/operating-systems.js';
import { ProvisioningError } from '../provisioning-error.js';
import { finishImage } from './finish-image.js';
import { Installation } from './installation.js';
import type { GenericInstallConfig, OsInstallerOptions, UseImageOptions } from './os-installer-options.js';

/** Phase 2: sees to it that the image holds what was asked, gets it onto the node and waits until that is really up. */
export class OsInstaller {
  #image: CustomizedImage | undefined;
  #use: UseImageOptions = {};
  #generic: GenericInstallConfig = {};

  /** @param os - id of the operating system, for example `ubuntu` */
  constructor(
    private readonly os: string,
    private readonly options: OsInstallerOptions = {},
  ) {}

  /** An image that was made for another node is refused when it runs, unless the options accept it. */
  usingImage(image: CustomizedImage, options: UseImageOptions = {}): this {
    this.#image = image;
    this.#use = options;
    return this;
  }

  withGenericConfig(config: GenericInstallConfig): this {
    this.#generic = { ...this.#generic, ...config };
    return this;
  }

  /**
   * @throws PhaseError `PHASE_INPUT_MISSING` without an image; ProvisioningError `IMAGE_OF_OTHER_NODE` for one that was made
   * for another node; whatever finishing the image and installing throw.
   */
  async run(context: Context): Promise<InstalledNode> {
    if (this.#image === undefined)
      throw new PhaseError(
        'PHASE_INPUT_MISSING',
        `no image for ${context.node.hostname}: usingImage was not called`,
        {
          hint: 'Call usingImage with the result of the image builder before run.',
        },
      );
    const own = nodeName(context.node.id);
    const { node: madeFor = own, hostname } = this.#image;
    if (madeFor !== own && this.#use.acceptOtherNode !== true)
      throw new ProvisioningError(
        'IMAGE_OF_OTHER_NODE',
        `the image given to ${own} (${context.node.hostname}) was made for ${madeFor} (${hostname})`,
        {
          hint: 'It has the name, address and host keys of that node. Build one for this node, or say usingImage(image, { acceptOtherNode: true }).',
          details: { node: own, madeFor },
        },
      );
    const { username, initialUserPassword: password, firstLogin: options, ...boot } = this.options;
    const asked: FirstBootCredentials = {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...this.#generic,
    };
    const system = operatingSystemOf(context, this.os);
    const finished = await finishImage(context, system, {
      image: this.#image,
      asked,
      firstLogin: options,
      skipBootWait: boot.skipBootWait === true,
    });
    const { credentials, firstLogin } = finished;
    const login = {
      password: firstLogin?.newPassword ?? credentials?.password,
      passwordFrom: firstLogin ? firstLogin.newPasswordFrom : credentials?.passwordFrom,
      sshKeys: firstLogin?.sshKeys ?? credentials?.sshKeys ?? [],
    };
    const recordedLogin = await recordLogin(context, login);
    const installation = new Installation(context, system, { finished, login, recordedLogin, ...boot });
    return await context.runPhase(installation.step());
  }
}

/** Gets images onto nodes, for an operating system named by its id: what the functions of OS plugins return. */
export function osInstallerOf(os: string, options?: OsInstallerOptions): OsInstaller {
  return new OsInstaller(os, options);
}
