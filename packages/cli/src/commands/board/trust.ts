import { BmcError, type BoardId, boardIdOf, isSameBoard, type TrustedBoard } from '@turingpi/bmc';
import { describeIdentity } from '../../board/describe-identity.js';
import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { confirm } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';

/** Trusting is not to wait for somebody's upload. */
const ASKING_MS = 5000;

/** `turingpi board trust`: shows the key that the board identifies itself with, and remembers it when confirmed. */
export async function trust(
  options: BoardOptions & { readonly yes?: boolean },
  terminal: Terminal,
): Promise<number> {
  await using opened = await openBoard(options, terminal);
  const board = opened.client;
  const identity = await board.presentedIdentity();
  const { host, port } = board.endpoint;
  if (options.json !== true) terminal.stdout.write(describeIdentity(board.endpoint, identity));
  if (!(await confirm(`Trust this key for ${host}:${port} from now on?`, options, terminal))) {
    terminal.stderr.write('Nothing was changed.\n');
    return EXIT.failed;
  }
  const before = await board.trustedBoard();
  await board.trust(identity);
  const now = await board.identity({ busyMs: ASKING_MS }).catch((cause: unknown) => {
    // Without a password, or while somebody uploads, it is asked the next time.
    if (!BmcError.is(cause)) throw cause;
    return undefined;
  });
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ trusted: { host, port, ...identity, id: now?.id } })}\n`
      : `Remembered.\n${now ? comparison(now, before) : ''}`,
  );
  return EXIT.ok;
}

/** Whether the board is the one that was trusted at this address before: it may only have made a new certificate. */
function comparison(now: BoardId, before: TrustedBoard | undefined): string {
  const names = `${now.serial === undefined ? '' : `serial number ${now.serial}, `}MAC address ${now.mac ?? 'unknown'}`;
  if (before === undefined || (before.serial === undefined && before.mac === undefined))
    return `It is the board with ${names}.\n`;
  return isSameBoard(now, boardIdOf(before, before.publicKeyPin))
    ? `It is the same board as before: ${names}.\n`
    : `It is another board than the one trusted here before: ${names}; that one had ${before.serial ?? before.mac ?? 'another key'}.\n`;
}
