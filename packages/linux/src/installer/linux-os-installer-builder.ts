import { type Context, type CustomizedImage, type InstalledNode, PhaseError } from '@turingpi/core/plugin';
import type {
  FirstBootCredentials,
  GenericInstallConfig,
  OsInstallerBuilder,
  OsInstallerOptions,
  UseImageOptions,
} from '@turingpi/provisioning';
import { nodeName } from '@turingpi/foundation';
import { LinuxError } from '../linux-error.js';
import type { ToolboxSource } from '../profile/linux-toolbox.js';
import { finishImage } from './finish-image.js';
import { Installation } from './installation.js';
import { recordLogin } from '@turingpi/provisioning';

/** Phase 2 for every Linux: sees to it that the image holds what was asked, and gets it onto the node. */
export class LinuxOsInstallerBuilder implements OsInstallerBuilder {
  #image: CustomizedImage | undefined;
  #use: UseImageOptions = {};
  #generic: GenericInstallConfig = {};

  constructor(
    private readonly toolbox: ToolboxSource,
    private readonly options: OsInstallerOptions = {},
  ) {}

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
   * @throws PhaseError `PHASE_INPUT_MISSING` without an image; LinuxError `IMAGE_OF_OTHER_NODE` for one that was made
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
      throw new LinuxError(
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
    const toolbox = this.toolbox(context);
    const finished = await finishImage(context, toolbox.profile, {
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
    const installation = new Installation(context, toolbox, { finished, login, recordedLogin, ...boot });
    return await context.runPhase(installation.step());
  }
}
