import type { ContainerCreateOptions, HostConfig, MountSettings } from 'dockerode';
import type { ProcessIdentity } from '@turingpi/foundation';

/** A directory of the host in the container. */
export interface ContainerVolume {
  /** Absolute path of the host, as its system writes it. */
  readonly host: string;
  readonly container: string;
  readonly readOnly?: boolean;
}

/** Labels by which a container is recognised as ours, and whose it is. */
export const OWNER_LABELS = {
  job: 'dev.turingpi.job',
  pid: 'dev.turingpi.pid',
  host: 'dev.turingpi.host',
  computer: 'dev.turingpi.computer',
  start: 'dev.turingpi.start',
} as const;

/**
 * What a kernel demands of those who attach loop devices and mount them, and to write as any owner; nothing else.
 * FSETID because without it setgid cannot be given to a file of another group, and is lost when one is written.
 */
const CAPABILITIES = ['SYS_ADMIN', 'DAC_OVERRIDE', 'CHOWN', 'FOWNER', 'FSETID', 'MKNOD'];
/** Loop devices (block, major 7), and the character device that gives them out. */
const DEVICE_RULES = ['b 7:* rmw', 'c 10:237 rmw'];

export interface ContainerRequest {
  readonly image: string;
  readonly command: readonly string[];
  readonly owner: ProcessIdentity;
  readonly volumes: readonly ContainerVolume[];
  /** Laid over what we ask for. */
  readonly hostConfig?: HostConfig;
}

/**
 * What Docker is asked for: one container that may mount and nothing more.
 *
 * @remarks Not `--privileged`: restricted hosts refuse it. Volumes are asked for as mounts, not as `host:container`, so
 * that drive letters do no harm.
 */
export function containerOptions(request: ContainerRequest): ContainerCreateOptions {
  const { image, command, owner, volumes, hostConfig } = request;
  return {
    Image: image,
    Entrypoint: [...command],
    Cmd: [],
    User: '0:0',
    Tty: false,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true, // the end of our connection is the end of its input, and so its own end
    NetworkDisabled: true,
    Labels: ownerLabels('image', owner),
    HostConfig: {
      AutoRemove: true,
      NetworkMode: 'none',
      CapDrop: ['ALL'],
      CapAdd: [...CAPABILITIES],
      // The default profiles of seccomp and AppArmor forbid mount(2) also to those who have SYS_ADMIN; SELinux keeps
      // containers from directories of the host that are not labelled for them.
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
      DeviceCgroupRules: [...DEVICE_RULES],
      Mounts: [
        { Type: 'bind', Source: '/dev', Target: '/dev' }, // of the daemon's Linux, also where that is a virtual machine
        ...volumes.map(bindMount),
      ],
      ...hostConfig,
    },
  };
}

/** What a container is recognised by as ours, and its process as gone. */
export function ownerLabels(job: 'image' | 'runtime', owner: ProcessIdentity): Record<string, string> {
  return {
    [OWNER_LABELS.job]: job,
    [OWNER_LABELS.pid]: String(owner.pid),
    [OWNER_LABELS.host]: owner.host,
    [OWNER_LABELS.computer]: owner.computer ?? '',
    [OWNER_LABELS.start]: owner.start ?? '',
  };
}

/** What Docker is asked for, to have a directory of the host in a container. */
export function bindMount(volume: ContainerVolume): MountSettings {
  return {
    Type: 'bind',
    Source: volume.host,
    Target: volume.container,
    ReadOnly: volume.readOnly ?? false,
  };
}
