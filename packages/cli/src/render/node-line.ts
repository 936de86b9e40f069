import cliTruncate from 'cli-truncate';
import { formatBytes, formatDuration } from './format.js';
import type { NodeView } from './node-view.js';
import type { Palette } from './palette.js';
import { printable } from './printable.js';

/** Host names are cut where they would leave no room for what happens. */
const NAME_MOST = 16;
/** From how many free characters on a bar is drawn, and how long it gets. */
const BAR_LEAST = 6;
const BAR_MOST = 24;

/** How a line is drawn. */
export interface LineStyle {
  /** Characters; nothing where the output does not tell. */
  readonly columns: number | undefined;
  readonly palette: Palette;
  /** Milliseconds, of the clock that the events have. */
  readonly now: number;
}

/**
 * One line about a node: who, which phase, what, how far, how fast, how long still.
 *
 * @param slots - as wide as the widest of the nodes, and the same for the names, so that columns stand below each other
 */
export function renderNodeLine(
  slot: string,
  view: NodeView,
  { slots, names }: { readonly slots: number; readonly names: number },
  { columns = 200, palette, now }: LineStyle,
): string {
  const name = cliTruncate(printable(view.hostname), Math.min(names, NAME_MOST)).padEnd(
    Math.min(names, NAME_MOST),
  );
  const place = `${palette('strong', slot.padEnd(slots))} ${name}  `;
  const room = columns - 1 - slots - 1 - Math.min(names, NAME_MOST) - 2;
  if (room <= 0) return cliTruncate(`${slot} ${name}`, Math.max(1, columns - 1));
  if (view.said !== undefined)
    return place + palette(view.said.tone, cliTruncate(printable(view.said.text), room));
  const phase = `${(view.phase ?? '').padEnd(7)} `;
  const rest = describeActivity(view, Math.max(1, room - phase.length), { palette, now });
  return cliTruncate(`${place}${palette('active', phase)}${rest}`, columns - 1);
}

function describeActivity(
  { progress, since }: NodeView,
  room: number,
  { palette, now }: Omit<LineStyle, 'columns'>,
): string {
  if (progress === undefined) return '…';
  const { activity, done, total, unit, rate, etaMs, limitMs, note } = progress;
  const said = printable(activity);
  const amount = (value: number) => (unit === 'bytes' ? formatBytes(value) : String(value));
  if (done !== undefined && total !== undefined && total > 0) {
    const share = Math.min(1, done / total);
    const figures = [
      `${Math.floor(100 * share)} %`.padStart(5),
      ...(rate === undefined ? [] : [`${amount(rate)}/s`.padStart(10)]),
      ...(etaMs === undefined ? [] : [`${formatDuration(etaMs)} left`]),
    ].join('  ');
    const free = room - said.length - figures.length - 2;
    const bar = free < BAR_LEAST ? '' : `${barOf(share, Math.min(free, BAR_MOST), palette)} `;
    return `${said} ${bar}${figures}`;
  }
  const parts = [
    said,
    ...(done === undefined ? [] : [amount(done)]),
    ...(rate === undefined ? [] : [`${amount(rate)}/s`]),
    ...(limitMs === undefined ? [] : [`${formatDuration(now - since)} of ${formatDuration(limitMs)}`]),
  ].join('  ');
  return note === undefined ? parts : `${parts}  ${palette('quiet', printable(note))}`;
}

function barOf(share: number, length: number, palette: Palette): string {
  const full = Math.round(share * length);
  return palette('active', '━'.repeat(full)) + palette('quiet', '─'.repeat(length - full));
}
