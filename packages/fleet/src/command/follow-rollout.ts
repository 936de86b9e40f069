import type { CommandContext } from '@turingpi/cli/plugin';
import type { FleetEvent } from '../orchestrator/fleet-event.js';
import type { RolloutOutcome } from '../orchestrator/fleet-status.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';

/**
 * Tells what happens in a rollout until it ends.
 *
 * @param hear - is told of it besides
 * @throws The signal's reason.
 */
export async function follow(
  orchestrator: Orchestrator,
  id: string,
  { stdout, json }: Pick<CommandContext, 'stdout' | 'json'>,
  signal: AbortSignal,
  hear: (event: FleetEvent) => void = () => undefined,
): Promise<RolloutOutcome | undefined> {
  for await (const event of orchestrator.events(id, { after: 0, signal })) {
    hear(event);
    stdout.write(json ? `${JSON.stringify(event)}\n` : inWords(event));
  }
  return (await orchestrator.ended(id, signal)).outcome;
}

function inWords(event: FleetEvent): string {
  if (event.type === 'step:progress') return '';
  const place =
    'board' in event ? `${event.board}${'node' in event ? `/${event.node} ${event.step}` : ''}` : '';
  const what = event.type.split(':')[1] ?? '';
  const more =
    event.type === 'step:failed'
      ? `: ${event.failure.message} (${event.failure.code})`
      : event.type === 'rollout:ended'
        ? `: ${event.outcome}`
        : event.type === 'board:ended'
          ? `: ${event.state}`
          : '';
  return `${place === '' ? 'rollout' : place} ${what}${more}\n`;
}
