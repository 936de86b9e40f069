import type { Finding } from '@turingpi/bmc';
import { configurationProblems, problemText } from '../cluster/configuration-problems.js';
import type { Terminal } from '../process/terminal.js';

/** A finding about what somebody has written. */
export type ConfigurationFinding = Omit<Finding, 'code' | 'repair'> & {
  readonly code: 'LOCAL_CONFIGURATION';
};

/**
 * What is wrong in a configuration, as `turingpi validate` says it. Nothing is reached.
 *
 * @param file - absolute
 * @param withoutSecrets - a password that is not there is no finding: nobody is asked who wants one
 * @throws ConfigError `CONFIG_NOT_FOUND`
 */
export async function configurationFindings(
  file: string,
  terminal: Terminal,
  { withoutSecrets, signal }: { readonly withoutSecrets: boolean; readonly signal: AbortSignal },
): Promise<readonly ConfigurationFinding[]> {
  const problems = await configurationProblems(file, terminal, signal);
  return problems
    .filter(({ code }) => !(withoutSecrets && code === 'CONFIG_SECRET_MISSING'))
    .map((problem) => ({
      code: 'LOCAL_CONFIGURATION',
      severity: 'error',
      message: problemText(problem),
      hint: problem.hint ?? '`turingpi validate` says this alone.',
      fixable: false,
    }));
}
