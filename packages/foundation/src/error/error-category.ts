/**
 * What kind of thing an error is about, for programs that do the same for many codes, as the exit codes of the command
 * line are:
 * - `usage`: the command line is wrong
 * - `configuration`: the configuration or a plugin is wrong
 * - `connection`: the board or a node is not reachable, or not known to be the right one
 * - `authentication`: a login is refused, or there is nothing to log in with
 * - `phase`: a phase failed or cannot run
 * - `blocked`: what is there is not what the records say, and was left alone
 * - `approval`: changes remain, which somebody has to approve
 * - `failed`: all else
 */
export type ErrorCategory =
  'usage' | 'configuration' | 'connection' | 'authentication' | 'phase' | 'blocked' | 'approval' | 'failed';
