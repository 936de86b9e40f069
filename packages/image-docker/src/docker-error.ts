import { TuringPiError } from '@turingpi/foundation';

/** What can be wrong with the Docker of this computer. */
export type DockerErrorCode =
  | 'DOCKER_NOT_INSTALLED'
  | 'DOCKER_DAEMON_DOWN'
  | 'DOCKER_UNREACHABLE'
  | 'DOCKER_PERMISSION'
  | 'DOCKER_IMAGE_MISSING'
  | 'DOCKER_CONTAINER_FAILED';

/** Docker cannot do what is asked; the hint says how to cure that on this computer's system. */
export class DockerError extends TuringPiError<DockerErrorCode> {}

const INSTALL: Partial<Record<NodeJS.Platform, string>> = {
  linux:
    'Install it, on Debian and Ubuntu with "sudo apt install docker.io", or see docs.docker.com/engine/install.',
  darwin: 'Install Docker Desktop for Mac: "brew install --cask docker", or docs.docker.com/desktop.',
  win32:
    'Install Docker Desktop for Windows: "winget install Docker.DockerDesktop", or docs.docker.com/desktop.',
};
const START: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Start it with "sudo systemctl start docker" (or "sudo service docker start").',
  darwin: 'Start Docker Desktop: "open -a Docker", and wait until it says that it is running.',
  win32: 'Start Docker Desktop from the Start menu, and wait until it says that it is running.',
};
const PERMIT: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Add yourself to the group: "sudo usermod -aG docker $USER", then log in again.',
  darwin: 'Start Docker Desktop as the user that you are; its socket belongs to whoever started it.',
  win32: 'Add yourself to the local group "docker-users", then log in again.',
};

const RESTART: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Wait until it has started, or restart it with "sudo systemctl restart docker".',
  darwin: 'Wait until Docker Desktop says that it is running, or restart it from its menu.',
  win32: 'Wait until Docker Desktop says that it is running, or restart it from its menu.',
};

const CONTAINER_FAILED =
  'See that its containers may mount and use loop devices (a rootless daemon may not), or use another backend.';

/** What errors of connections tell; an address of a local socket is its path. */
interface SystemError {
  readonly code?: string;
  readonly message?: string;
  readonly hostname?: string;
  readonly address?: string;
  readonly port?: number;
}

/**
 * Names why Docker could not be reached.
 *
 * @param platform - The system whose cure is told.
 * @param installed - Whether a `docker` program was found.
 * @returns `DOCKER_NOT_INSTALLED`, `DOCKER_DAEMON_DOWN`, `DOCKER_UNREACHABLE`, `DOCKER_PERMISSION`, or
 * `DOCKER_CONTAINER_FAILED` for all else; errors that are ours already, and aborts, come back unchanged.
 */
export function dockerError(error: unknown, platform: NodeJS.Platform, installed: boolean): Error {
  if (error instanceof Error && (TuringPiError.is(error) || error.name === 'AbortError')) return error;
  const { code, message, port, hostname, address } = error as SystemError;
  const because = { cause: error, details: { platform } };
  if (code === 'EACCES' || code === 'EPERM')
    return new DockerError('DOCKER_PERMISSION', 'You may not use the Docker of this computer.', {
      ...because,
      ...hint(PERMIT, platform),
    });
  const unreachable = [
    'EAI_AGAIN',
    'ENETUNREACH',
    'ENOENT',
    'ECONNREFUSED',
    'ECONNRESET',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENOTFOUND',
  ];
  // Sockets of this computer have a path, and no port.
  const host = hostname ?? (port === undefined ? undefined : address);
  if (code !== undefined && unreachable.includes(code) && host !== undefined)
    return new DockerError('DOCKER_UNREACHABLE', `The Docker of ${host} cannot be reached: ${code}.`, {
      ...because,
      hint: 'Check DOCKER_HOST and the network; without DOCKER_HOST the Docker of this computer is used.',
    });
  if (code !== undefined && unreachable.includes(code))
    return installed
      ? new DockerError('DOCKER_DAEMON_DOWN', 'Docker is installed, but it is not running.', {
          ...because,
          ...hint(START, platform),
        })
      : new DockerError('DOCKER_NOT_INSTALLED', 'Docker is not installed on this computer.', {
          ...because,
          ...hint(INSTALL, platform),
        });
  return new DockerError('DOCKER_CONTAINER_FAILED', `Docker refused: ${message ?? String(error)}`, {
    ...because,
    hint: CONTAINER_FAILED,
  });
}

/** A container that was there, and is not any more. */
export function containerEnded(): DockerError {
  return new DockerError('DOCKER_CONTAINER_FAILED', 'The container of the image ended too early.', {
    hint: CONTAINER_FAILED,
  });
}

/** A daemon that accepts connections and says nothing. */
export function dockerSilence(platform: NodeJS.Platform): DockerError {
  return new DockerError('DOCKER_DAEMON_DOWN', 'Docker is there, but it does not answer.', {
    hint: RESTART[platform] ?? 'See docs.docker.com for your system.',
    details: { platform },
  });
}

function hint(by: Partial<Record<NodeJS.Platform, string>>, platform: NodeJS.Platform): { hint: string } {
  return { hint: by[platform] ?? 'See docs.docker.com for your system.' };
}
