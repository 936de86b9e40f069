import { lookup } from 'node:dns/promises';
import {
  type AboutBoard,
  BmcError,
  type BmcCapabilities,
  HttpsBmcClient,
  type NodeNotes,
  type PowerStates,
} from '@turingpi/bmc';
import { NODE_IDS, type NodeId } from '@turingpi/foundation';
import envPaths from 'env-paths';
import { given, hostGiven, portGiven } from '../../board/open-board.js';
import { warningsOn } from '../../board/warnings-logger.js';
import type { Terminal } from '../../process/terminal.js';
import { boardLogin, type BoardLogin, withNewPassword } from './board-login.js';
import { chooseBoard } from './choose-board.js';
import { confirmKey } from './confirm-key.js';
import type { InitOptions } from './init-options.js';
import type { Questions } from './questions.js';

/** A board that was reached, is trusted, and lets us in. */
export interface MetBoard {
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  readonly login: BoardLogin;
  readonly publicKeyPin: string;
  /** Its IPv4 address, as far as its name tells. */
  readonly address: string | undefined;
  readonly about: AboutBoard | undefined;
  readonly power: PowerStates;
  /** What people noted about the modules; undefined where the firmware has no such notes. */
  readonly notes: Readonly<Record<NodeId, NodeNotes>> | undefined;
}

/**
 * Reaches a board, has its key confirmed, logs in and looks what is in it. Nothing on it is changed but a password of the
 * factory, when that is asked for.
 *
 * @throws BmcError of the connection and the login; UsageError for what nobody can be asked
 */
export async function meetBoard(
  options: InitOptions,
  ask: { readonly questions: Questions; readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<MetBoard> {
  const { terminal, signal } = ask;
  const { environment } = terminal;
  const host = options.host ?? hostGiven(environment['TPI_HOSTNAME']) ?? (await chooseBoard(ask));
  const endpoint = {
    host,
    port: options.port ?? portGiven(environment['TPI_PORT']) ?? 443,
    httpPort: options.httpPort ?? 80,
  };
  const common = {
    endpoint,
    cacheDir: envPaths('tpi', { suffix: '' }).cache,
    logger: warningsOn(terminal.stderr),
  };
  const username = options.user ?? given(environment['TPI_USERNAME']) ?? 'root';
  // Nobody is asked for a password before it is known whom it would be given to.
  await using stranger = new HttpsBmcClient({ ...common, credentials: { username, password: undefined } });
  const { publicKeyPin } = await confirmKey(stranger, options, ask);
  const login = await boardLogin({ ...options, username }, ask);
  const known = await withNewPassword(login, options, {
    ...ask,
    open: (password) => new HttpsBmcClient({ ...common, credentials: { username, password } }),
  });
  await using client = new HttpsBmcClient({ ...common, credentials: { username, password: known.password } });
  const able: BmcCapabilities = await client.capabilities({ signal });
  return {
    ...endpoint,
    login: known,
    publicKeyPin,
    address: await addressOfHost(host),
    about: await ifSupported(client.board.about({ signal })),
    power: await client.power.get({ signal }),
    notes: able.nodeNotes ? await ifSupported(client.board.nodeNotes({ signal })) : undefined,
  };
}

/** Whether people noted, or the power tells, that there is a module in a slot: for those who are asked. */
export function describeSlots({ power, notes }: Pick<MetBoard, 'power' | 'notes'>): readonly string[] {
  return NODE_IDS.map((id) => {
    const { name, moduleName } = notes?.[id] ?? {};
    const noted = [name, moduleName].filter((text) => text !== undefined && text !== '').join(', ');
    return `slot ${id} (switched ${power[id]}${noted === '' ? '' : `, noted as ${noted}`})`;
  });
}

async function ifSupported<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (
      BmcError.is(error) &&
      ['BMC_NOT_SUPPORTED', 'BMC_REQUEST_REFUSED', 'BMC_PROTOCOL'].includes(error.code)
    )
      return undefined;
    throw error;
  }
}

async function addressOfHost(host: string): Promise<string | undefined> {
  return (await lookup(host, { family: 4 }).catch(() => undefined))?.address;
}
