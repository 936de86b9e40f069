import type { PlannedActions } from '@turingpi/core';

/** What becomes of the actions of a node, one a line, those that are done below what is said of them. */
export function linesOfActions({ kept, from, run, again, asks = [] }: PlannedActions): readonly string[] {
  if (from === undefined && kept === 0) return ['there are no actions'];
  if (from === undefined) return [kept === 1 ? '1 action stays done' : `${kept} actions stay done`];
  const which = kept === 0 ? 'all actions' : `actions from number ${from + 1} on`;
  if (run === undefined)
    return [
      which,
      ...listed('done before, and again', again, () => []),
      ...listed('asked about before they repeat', asks, () => []),
    ];
  if (run.length === 0) return [`${which}: there are none`];
  return listed(which, run, (action) => [
    ...(again.includes(action) ? ['done before'] : []),
    ...(asks.includes(action) ? ['asked about before it repeats'] : []),
  ]);
}

function listed(
  title: string,
  actions: readonly string[],
  remarks: (action: string) => readonly string[],
): readonly string[] {
  if (actions.length === 0) return [];
  const lines = actions.map((action) => {
    const said = remarks(action);
    return `  ${inWords(action)}${said.length === 0 ? '' : ` (${said.join('; ')})`}`;
  });
  return [`${title}:`, ...lines];
}

/** `remote.runCommand uptime` as `run command: uptime`; what is done on this computer says so. */
function inWords(action: string): string {
  const [, place, name = '', about] = /^(local|remote)\.(\w+)(?: (.*))?$/s.exec(action) ?? [];
  if (place === undefined) return action;
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words}${place === 'local' ? ' on this computer' : ''}${about === undefined ? '' : `: ${about}`}`;
}
