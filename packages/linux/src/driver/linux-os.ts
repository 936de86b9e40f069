import type { AdoptedNode, CustomizedImage, ModuleId } from '@turingpi/core/plugin';
import type { ImageSession } from '@turingpi/image/customization';
import type {
  AdoptionRequest,
  AppliedSystem,
  ApplyEnvironment,
  CredentialPlan,
  OperatingSystem,
  OsSettingProblem,
  OsSettings,
  ReadinessRequest,
  ReconfigurationRequest,
  SettingsInPlace,
  SystemLogin,
  SystemRequest,
  SystemSecrets,
} from '@turingpi/provisioning';
import type { SshSession } from '@turingpi/runtime';
import { checkCredentials } from '../account/check-credentials.js';
import { familyOf } from '../family/families.js';
import { readModuleId } from '../identity/read-module-id.js';
import type { LinuxParts } from '../image/apply-linux.js';
import { linuxImageOf } from '../image/linux-image.js';
import { type LinuxPlan, planLinux } from '../image/linux-plan.js';
import { RECIPE } from '../image/recipe.js';
import { reconfigureLinux } from '../reconfiguration/reconfigure-linux.js';
import type { LinuxProfile } from '../profile/linux-profile.js';
import { checkSettings } from './check-settings.js';

/**
 * An operating system made of the blocks of this package; an OS plugin adds its profile.
 *
 * @remarks What works on an image or a node is loaded then: most commands only read what is configured.
 */
export class LinuxOs implements OperatingSystem<LinuxPlan> {
  readonly access = 'ssh';
  readonly recipe = RECIPE;

  /** Its constructor is called by a plugin's own class, which has `@inject` on its parameters. */
  constructor(private readonly parts: LinuxParts & { readonly title: string }) {}

  get id(): string {
    return this.profile.id;
  }

  get title(): string {
    return this.parts.title;
  }

  get profile(): LinuxProfile {
    return this.parts.profile;
  }

  plan(request: SystemRequest): LinuxPlan {
    return planLinux(request);
  }

  checkCredentials(credentials: CredentialPlan): void {
    checkCredentials(credentials);
  }

  async apply(
    plan: LinuxPlan,
    image: ImageSession,
    secrets: SystemSecrets,
    environment: ApplyEnvironment,
  ): Promise<AppliedSystem> {
    const { applyLinux } = await import('../image/apply-linux.js');
    return await applyLinux(this.parts, plan, image, secrets, environment);
  }

  loginOf(image: CustomizedImage): SystemLogin {
    const { username = 'root', family } = linuxImageOf(image);
    return { username, shipped: family && familyOf(family).shippedLogin };
  }

  async waitUntilReady(request: ReadinessRequest): Promise<ModuleId> {
    const { firstBoot = 'none' } = linuxImageOf(request.image);
    const { waitUntilUp } = await import('../installer/boot-wait.js');
    return await waitUntilUp({ ...request, ssh: this.parts.ssh, firstBoot });
  }

  reconfigure(request: ReconfigurationRequest): readonly SettingsInPlace[] {
    return reconfigureLinux(request);
  }

  readModule(session: SshSession, signal: AbortSignal): Promise<ModuleId> {
    return readModuleId(session, signal);
  }

  async adopt(request: AdoptionRequest): Promise<AdoptedNode> {
    const { adoptNode } = await import('../adoption/adopt-node.js');
    return await adoptNode(request, this.id, this.parts.ssh);
  }

  check(settings: OsSettings): Promise<readonly OsSettingProblem[]> {
    return checkSettings(settings);
  }
}
