import { type BoardOptions, openBoard } from '../../board/open-board.js';
import { confirm } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';

/** `turingpi trust`: shows the key that the board identifies itself with, and remembers it when confirmed. */
export async function trust(
  options: BoardOptions & { readonly yes?: boolean },
  terminal: Terminal,
): Promise<number> {
  await using board = await openBoard(options, terminal);
  const identity = await board.presentedIdentity();
  const { host, port } = board.endpoint;
  if (options.json !== true)
    terminal.stdout.write(
      `${host}:${port} identifies itself with\n  public key  ${identity.publicKeyPin}\n  certificate ${identity.certificateFingerprint}\n` +
        'Compare it with what the board itself says, over SSH or its serial console:\n' +
        '  openssl s_client -connect localhost:443 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256\n',
    );
  if (!(await confirm(`Trust this key for ${host}:${port} from now on?`, options, terminal))) {
    terminal.stderr.write('Nothing was changed.\n');
    return EXIT.failed;
  }
  await board.trust(identity);
  terminal.stdout.write(
    options.json === true ? `${JSON.stringify({ trusted: { host, port, ...identity } })}\n` : 'Remembered.\n',
  );
  return EXIT.ok;
}
