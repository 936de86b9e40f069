import { TuringPiError } from '@turingpi/core/plugin';

/** What can be wrong with the Docker of this computer. */
export type DockerErrorCode =
  | 'DOCKER_NOT_INSTALLED'
  | 'DOCKER_DAEMON_DOWN'
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

/**
 * Names why Docker could not be reached.
 *
 * @param platform - The system whose cure is told.
 * @param installed - Whether a `docker` program was found.
 * @returns `DOCKER_NOT_INSTALLED`, `DOCKER_DAEMON_DOWN`, `DOCKER_PERMISSION`, or `DOCKER_CONTAINER_FAILED` for all else;
 * errors that are ours already, and aborts, come back unchanged.
 */
export function dockerError(error: unknown, platform: NodeJS.Platform, installed: boolean): Error {
  if (error instanceof Error && (TuringPiError.is(error) || error.name === 'AbortError')) return error;
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  const because = { cause: error, details: { platform } };
  if (code === 'EACCES' || code === 'EPERM')
    return new DockerError('DOCKER_PERMISSION', 'You may not use the Docker of this computer.', {
      ...because,
      ...hint(PERMIT, platform),
    });
  const unreachable = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND'];
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
  return new DockerError('DOCKER_CONTAINER_FAILED', `Docker refused: ${message ?? String(error)}`, because);
}

function hint(by: Partial<Record<NodeJS.Platform, string>>, platform: NodeJS.Platform): { hint: string } {
  return { hint: by[platform] ?? 'See docs.docker.com for your system.' };
}
