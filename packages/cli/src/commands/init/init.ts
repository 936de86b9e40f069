import { existsSync } from 'node:fs';
import path from 'node:path';
import { inspectPlugins } from '@turingpi/core';
import { BOARDS, declaredJsonSchema, OPERATING_SYSTEMS } from '@turingpi/provisioning';
import { CONFIG_FILES } from '../../cluster/config-file-in.js';
import { COMMANDS } from '../../plugin/commands.js';
import { canAsk } from '../../process/confirm.js';
import { EXIT } from '../../process/exit-codes.js';
import { onInterruption } from '../../process/interruption.js';
import { programCall } from '../../process/program-call.js';
import { PROGRAM_DIR } from '../../process/program-dir.js';
import type { Terminal } from '../../process/terminal.js';
import { UsageError } from '../../process/usage-error.js';
import { printable } from '../../render/printable.js';
import { imagesOf } from '../image/image-catalog.js';
import { chooseAccess } from './choose-access.js';
import { assertImagesThere, chooseImages } from './choose-images.js';
import { chooseNetwork } from './choose-network.js';
import { assertKnownBoards, chooseSlots } from './choose-slots.js';
import { DefaultAnswers } from './default-answers.js';
import type { InitOptions } from './init-options.js';
import { meetBoard, type MetBoard } from './meet-board.js';
import type { Questions } from './questions.js';
import { renderConfiguration } from './render-configuration.js';
import { isThere, type NewFile, writeNewFiles } from './write-new-files.js';

const SCHEMA_FILE = 'turingpi.schema.json';
const PASSWORD_FILE = 'bmc-password';

/**
 * `turingpi init`: meets a board, asks what is to become of its nodes, and writes the configuration. Nothing is written
 * before the last question is answered.
 */
export async function init(options: InitOptions, terminal: Terminal): Promise<number> {
  const target = path.resolve(terminal.cwd, options.output ?? CONFIG_FILES[0]);
  const folder = path.dirname(target);
  const overwrite = options.overwrite === true;
  if (existsSync(target) && !overwrite) throw isThere(target);
  const questions = await questionsFor(options, terminal);
  using interruption = onInterruption(() => undefined);
  const { signal } = interruption;

  const { registry } = await inspectPlugins({
    projectDir: folder,
    programDir: PROGRAM_DIR,
    extensionPoints: [COMMANDS],
  });
  const { extensions } = registry;
  const catalog = await imagesOf(options.catalog, { cwd: terminal.cwd, signal });
  const given = options.image ?? [];
  await assertImagesThere({ given, catalog, cwd: folder });
  const boards = extensions.all(BOARDS).map(({ id, title }) => ({ id, title }));
  assertKnownBoards(options.nodes, boards);
  const board = await meetBoard(options, { questions, terminal, signal });
  if (options.json !== true) terminal.stdout.write(describe(board));
  const slots = await chooseSlots(board, {
    given: options.nodes,
    boards,
    questions,
  });
  const kinds = [...new Set(Object.values(slots).filter((kind) => kind !== undefined))];
  if (kinds.length === 0) throw new UsageError('no slot has a module', 'Say what is in them with --nodes.');
  const images = await chooseImages({
    given,
    boards: kinds,
    systems: extensions.all(OPERATING_SYSTEMS).map(({ id, title }) => ({ id, title })),
    catalog,
    questions,
    cwd: folder,
  });
  const network = await chooseNetwork(options, { slots, boardAddress: board.address, questions });
  const access = await chooseAccess(options, { questions, terminal, folder });

  signal.throwIfAborted();
  const { reference, username, password } = board.login;
  const fromHere = (file: string) => {
    const relative = path.relative(folder, file);
    return relative.startsWith('..') ? file : `./${relative}`;
  };
  const content = renderConfiguration({
    ...board,
    username,
    password:
      reference.kind === 'env'
        ? { env: reference.name }
        : { file: fromHere(reference.kind === 'file' ? reference.path : path.join(folder, PASSWORD_FILE)) },
    ...{ slots, images, network, sshPort: options.sshPort, schemaFile: `./${SCHEMA_FILE}` },
    user: access.user,
    publicKey: access.publicKey,
    privateKeyFile: access.privateKeyFile === undefined ? undefined : fromHere(access.privateKeyFile),
  });
  const schema = path.join(folder, SCHEMA_FILE);
  const files: NewFile[] = [
    ...access.newFiles,
    ...(reference.kind === 'new-file'
      ? [{ path: path.join(folder, PASSWORD_FILE), content: `${password.reveal()}\n`, mode: 0o600 }]
      : []),
    // A schema that is there is somebody's: `turingpi schema -o` makes it anew.
    ...(existsSync(schema) && !overwrite
      ? []
      : [
          {
            path: schema,
            content: `${JSON.stringify(declaredJsonSchema(extensions), undefined, 2)}\n`,
            mode: 0o644,
          },
        ]),
    { path: target, content, mode: 0o644 },
  ];
  await writeNewFiles(files, { overwrite });
  const written = files.map((file) => path.relative(terminal.cwd, file.path));
  terminal.stdout.write(
    options.json === true
      ? `${JSON.stringify({ written, board: { host: board.host, port: board.port, publicKeyPin: board.publicKeyPin } })}\n`
      : report(written, path.relative(terminal.cwd, target), programCall(terminal.environment)),
  );
  return EXIT.ok;
}

/** @throws UsageError where somebody would have to be asked, and nobody is there */
async function questionsFor(options: InitOptions, terminal: Terminal): Promise<Questions> {
  if (options.yes === true) return new DefaultAnswers();
  if (!canAsk(terminal) || options.json === true)
    throw new UsageError(
      'nobody can be asked here',
      'Add --yes, and what has no default as options: see `turingpi init --help`.',
    );
  const { TerminalQuestions } = await import('./terminal-questions.js');
  return TerminalQuestions.open({ input: process.stdin, output: terminal.stdout as NodeJS.WriteStream });
}

function describe({ host, about, power }: MetBoard): string {
  const model = [about?.boardModel, about?.boardRevision]
    .filter((text) => text !== undefined && text !== '')
    .join(' ');
  const on = Object.entries(power).flatMap(([id, state]) => (state === 'on' ? [id] : []));
  return printable(
    `The board at ${host} lets us in${model === '' ? '' : `: ${model}`}${about?.version ? `, firmware ${about.version}` : ''}; ` +
      `${on.length === 0 ? 'no node is on' : `nodes that are on: ${on.join(', ')}`}.`,
  ).concat('\n');
}

function report(written: readonly string[], target: string, turingpi: string): string {
  const named = target === CONFIG_FILES[0] ? '' : ` -c ${target}`;
  return (
    `Written: ${written.join(', ')}\n\nNext:\n` +
    `  ${turingpi} validate${named === '' ? '' : ` ${target}`}    what is wrong in it, if anything\n` +
    `  ${turingpi} rehearse${named}    the same on a simulated board\n` +
    `  ${turingpi} up${named}          make it so; asks before a disk is erased\n`
  );
}
