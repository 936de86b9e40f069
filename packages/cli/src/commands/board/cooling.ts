import { BmcError } from '@turingpi/bmc';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { printable } from '../../render/printable.js';

/** `turingpi board cooling`: lists the fans, or sets the speed of one. */
export async function cooling(
  device: string | undefined,
  speed: string | undefined,
  options: BoardOptions,
  terminal: Terminal,
): Promise<number> {
  if (device !== undefined && !/^(\d+|auto)$/.test(speed ?? ''))
    throw new UsageError(
      'cooling takes a device and a speed, or neither',
      'Example: turingpi board cooling "system fan" 4',
    );
  await using opened = await openBoard(options, terminal);
  const board = opened.client;
  if (device !== undefined && speed === 'auto') {
    if (!(await board.capabilities()).holdsCooling)
      throw new BmcError('BMC_NOT_SUPPORTED', 'this firmware does not choose the speed of a fan by itself');
    await board.cooling.release(device);
  } else if (device !== undefined) await board.cooling.set(device, Number(speed));
  const devices = await board.cooling.get();
  if (options.json === true) terminal.stdout.write(`${JSON.stringify({ cooling: devices })}\n`);
  else if (devices.length === 0) terminal.stdout.write('the board reports no fan\n');
  else
    for (const fan of devices)
      terminal.stdout.write(
        `${printable(fan.device)}: ${fan.speed} of ${fan.maxSpeed}${fan.held === true ? ', held' : ''}\n`,
      );
  return EXIT.ok;
}
