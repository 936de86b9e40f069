import { OpenRcError } from './openrc-error.js';

/** Services come up after SSH, too: they get this long at least. */
const AT_LEAST_MS = 60_000;

/**
 * Waits, on the node, until OpenRC has started everything of a runlevel.
 *
 * @throws OpenRcError `OPENRC_RUNLEVEL_NOT_REACHED` naming what is not started; the signal's reason
 */
export async function waitForRunlevel(session, runlevel, { signal, timeoutMs }) {
  // While services are started, OpenRC keeps a directory of this name.
  const reached = `[ "$(rc-status --runlevel)" = ${runlevel} ] && [ ! -e /run/openrc/rc.starting ]`;
  try {
    await session.exec(`until ${reached}; do sleep 1; done`, {
      signal,
      timeoutMs: Math.max(AT_LEAST_MS, timeoutMs),
    });
  } catch (cause) {
    signal.throwIfAborted();
    const { stdout } = await session.exec(['rc-status', runlevel], { signal, allowFailure: true });
    throw new OpenRcError('OPENRC_RUNLEVEL_NOT_REACHED', `${session.place} does not reach ${runlevel}`, {
      cause,
      details: { services: stdout.split('\n') },
      hint: `Log in and look at \`rc-status ${runlevel}\`, or raise bootTimeoutMs.`,
    });
  }
}
