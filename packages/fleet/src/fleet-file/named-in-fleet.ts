import { didYouMean } from '@turingpi/core/plugin';
import { FleetError } from '../orchestrator/fleet-error.js';
import type { Fleet, FleetBoard } from './load-fleet.js';

/** The site of a name. @throws FleetError `SITE_UNKNOWN` */
export function siteOf({ sites, name }: Pick<Fleet, 'sites' | 'name'>, id: string): Fleet['sites'][number] {
  const site = sites.find((one) => one.id === id);
  if (site !== undefined) return site;
  throw new FleetError('SITE_UNKNOWN', `${name} has no site ${id}${meant(id, sites)}`, {
    hint: listed(sites),
  });
}

/** The board of a name. @throws FleetError `BOARD_UNKNOWN` */
export function boardOf({ boards, name }: Pick<Fleet, 'boards' | 'name'>, id: string): FleetBoard {
  const board = boards.find((one) => one.id === id);
  if (board !== undefined) return board;
  throw new FleetError('BOARD_UNKNOWN', `${name} has no board ${id}${meant(id, boards)}`, {
    hint: listed(boards),
  });
}

/** Many are not listed: a screen of names helps nobody. */
const LISTED = 10;

function listed(known: readonly { readonly id: string }[]): string {
  const more = known.length > LISTED ? `, and ${known.length - LISTED} others` : '';
  return `It has: ${known
    .slice(0, LISTED)
    .map(({ id }) => id)
    .join(', ')}${more}.`;
}

function meant(id: string, known: readonly { readonly id: string }[]): string {
  return didYouMean(
    id,
    known.map((one) => one.id),
  );
}
