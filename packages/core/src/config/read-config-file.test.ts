import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { rejection, temporaryDirectory } from '../cluster/sample-cluster.fixture.js';
import { createTuringPi } from '../cluster/create-turing-pi.js';
import { type ConfigFile, readConfigFile } from './read-config-file.js';
import { parseConfig } from './parse-config.js';

async function configFile(text: string, name = 'turingpi.yaml'): Promise<string> {
  const file = path.join(await temporaryDirectory(), name);
  await writeFile(file, text);
  return file;
}
const parse = ({ input, ...place }: ConfigFile) => parseConfig(input, { ...place, environment: {} });

describe('readConfigFile', () => {
  it('reads YAML, paths relative to the file', async () => {
    const file = await configFile(
      ['ip: 10.0.0.2', 'cacheDir: cache', 'node1:', '  ip: 10.0.0.11', '  board: rk1'].join('\n'),
    );
    const config = await parse(await readConfigFile(file));
    expect(config).toMatchObject({ ip: '10.0.0.2', cacheDir: path.join(path.dirname(file), 'cache') });
  });

  it.each<[what: string, text: string, code: string, said: string]>([
    [
      'two documents',
      'ip: 10.0.0.2\n---\nip: 10.0.0.3\n',
      'CONFIG_UNREADABLE',
      ':2:1: another document begins',
    ],
    [
      'an alias of nothing',
      'ip: 10.0.0.2\nnode1: *base\n',
      'CONFIG_UNREADABLE',
      ':2:8: no anchor &base stands',
    ],
    [
      'aliases that multiply',
      `a: &a [${'x, '.repeat(20)}]\n${'bcdefgh'.replaceAll(/./g, (name, at: number) => `${name}: &${name} [${`*${'abcdefgh'[at]}, `.repeat(20)}]\n`)}`,
      'CONFIG_UNREADABLE',
      'multiply into more data',
    ],
    ['nothing', '', 'CONFIG_INVALID', 'is empty'],
    ['null', '# nothing yet\nnull\n', 'CONFIG_INVALID', 'is empty'],
    ['a list', '\n- ip: 10.0.0.2\n', 'CONFIG_INVALID', ':2:1: a configuration is a map'],
    ['a word', 'turingpi\n', 'CONFIG_INVALID', ':1:1: a configuration is a map'],
  ])('says in its own words what is wrong with %s', async (_what, text, code, said) => {
    await expect(readConfigFile(await configFile(text))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(said) as string,
    });
  });

  it.each<[what: string, text: string, at: string, said: string, hint: RegExp]>([
    [
      'an open quote in JSON',
      '{\n  "ip": "1,\n  "a": "b"\n}\n',
      '2:9',
      'the quote " that is opened',
      /quotes/,
    ],
    ['an open key in JSON', '{\n  "ip: { "a": 1 },\n  "b": 2\n}\n', '2:12', 'the quote "', /quotes/],
    ['an open { in JSON', '{\n  "a": { "b": 1,\n  "c": [1]\n}\n', '2:8', 'the { that is opened', /with }/],
    ['an open [ in JSON', '{\n  "a": [1, 2,\n  "c": "]"\n}\n', '2:8', 'the [ that is opened', /with ]/],
    ['an open {, the last', '{\n  "a": {\n    "b": 1\n  }\n', '1:1', 'the { that is opened', /with }/],
    ['an open {, of lines', '{\n  "a": {\n    "b": 1,\n  "c": 2\n}\n', '2:8', 'the { that', /with }/],
    ['no colon', 'ip: 1\nnode1\n  ip: x\n', '2:1', 'no colon and blank follow `node1`', /`key: value`/],
    ['no colon at the end', 'ip: 1\nbmc: {}\nnode1\n', '3:1', 'no colon stands after `node1`', /colon/],
    ['no blank after it', 'ip:10.0.0.2\nnode1: x\n', '1:1', 'no colon and blank follow `ip`', /blank/],
    ['a tab', 'node1:\n\tip: 1\n', '2:1', 'a tab stands', /blanks/],
    ['a tab between blanks', 'a:\n  b: 1\n \tc: 2\n', '3:1', 'a tab stands', /blanks/],
    ['an open quote', 'ip: 1\na: "abc\nb: 1\n', '2:4', 'the quote " that is opened here', /quote/],
    ['a quote in quotes', "a: 'it's'\n", '1:8', 'after the closing quote', /written twice/],
    ['an open brace', 'ip: 1\nnode1: { ip: 1\nnode2: x\n', '2:8', 'the { that is opened here', /with }/],
    ['an open bracket in braces', 'a: {b: [1, c: 2}\n', '1:8', 'the [ that is opened here', /with ]/],
    ['a bracket too many', 'a: }\n', '1:4', 'the } closes nothing', /open it/],
    ['a missing comma', 'a: {b: 1 c: 2}\n', '1:8', 'a comma is missing', /commas/],
    ['a comma too many', 'a: {b: 1,, c: 2}\n', '1:10', 'a comma stands', /entry/],
    ['two colons', 'a: b: c\n', '1:4', 'a second colon', /quotes/],
    ['a line too far in', 'n:\n  ip: 1\n  board: rk1\n   os: x\n', '4:4', 'is indented further', /column/],
    ['a line not far enough in', 'n:\n    b: 1\n  c: 2\n', '3:1', 'is indented otherwise', /column/],
    ['an @', 'a: @x\n', '1:4', 'begins with @', /quotes/],
    ['a backslash', 'a: "\\q"\n', '1:5', '\\q stands in double quotes', /single quotes/],
    ['a key twice', 'a:\n  b: 1\n  c: 1\n  b: 2\n', '4:3', 'the key `b`', /Keep one/],
  ])('tells where, and what to do, of %s', async (_what, text, at, said, hint) => {
    const file = await configFile(text);
    const error = await rejection(readConfigFile(file));
    expect(error).toMatchObject({ code: 'CONFIG_UNREADABLE', hint: expect.stringMatching(hint) as string });
    expect(error.message.startsWith(`${file}:${at}: `), error.message).toBe(true);
    expect(error.message.split(file)).toHaveLength(2);
    expect(error.message).toContain(said);
    const [line, column] = at.split(':').map(Number);
    expect(error['details']).toMatchObject({ issues: [{ line, column }] });
  });

  it('tells every key that stands twice, and where it stood first', async () => {
    const error = await rejection(readConfigFile(await configFile('a: 1\nb: 2\na: 3\nb: { c: 1, c: 2 }\n')));
    const { issues } = error['details'] as { issues: { line: number; message: string }[] };
    expect(
      issues.map(({ line, message }) => `${line} ${/`\w`.*line \d/.exec(message)?.[0] ?? message}`),
    ).toEqual([
      '3 `a` stands here once more; it is in line 1',
      '4 `b` stands here once more; it is in line 2',
      '4 `c` stands here once more; it is in line 4',
    ]);
  });

  it.each([
    ['nothing', ''],
    ['no map', 'turingpi\n'],
    ['no file at all', undefined],
  ])('says of %s how a configuration is made', async (_what, text) => {
    const file =
      text === undefined ? path.join(await temporaryDirectory(), 'none.yaml') : await configFile(text);
    await expect(readConfigFile(file)).rejects.toMatchObject({
      hint: expect.stringMatching(/`turingpi init`.*-c/) as string,
    });
  });

  it('repeats no value of a line that cannot be read', async () => {
    for (const text of [
      'password hunter22\nnode1: x\n',
      'bmc:\n  port: 1\n  password hunter22\n',
      'a: [x] hunter22\n',
    ])
      expect((await rejection(readConfigFile(await configFile(text)))).message).not.toContain('hunter22');
  });

  it('reads JSON', async () => {
    const file = await configFile(
      '{"ip": "10.0.0.2",\n"node1": {"ip": "10.0.0.11", "board": "rk1"}}',
      'c.json',
    );
    expect((await parse(await readConfigFile(file))).nodes.size).toBe(1);
  });

  it.each<[what: string, lines: string[], line: number, key: string]>([
    ['a bad value', ['ip: 10.0.0.2', 'node1:', '  board: rk1', '  ip: nonsense'], 4, 'node1.ip'],
    [
      'an unknown key',
      ['ip: 10.0.0.2', '', '# remark', 'nodes: {}', 'node1: { ip: 10.0.0.3, board: a }'],
      4,
      'nodes',
    ],
    ['a missing key: at what it is missing in', ['ip: 10.0.0.2', 'node1:', '  board: rk1'], 2, 'node1.ip'],
    ['a flow collection', ['ip: 10.0.0.2', 'node1: {', '  board: rk1,', '  ip: x }'], 4, 'node1.ip'],
    ['an anchor', ['ip: 10.0.0.2', 'node1: &a', '  board: rk1', '  ip: x', 'node2: *a'], 4, 'node1.ip'],
    [
      'a list',
      ['ip: 10.0.0.2', 'node1: { ip: 10.0.0.3, board: a }', 'plugins:', '  - ok', '  - 5'],
      5,
      'plugins[1]',
    ],
  ])('tells the line of %s', async (_what, lines, line, key) => {
    const file = await configFile(lines.join('\n'));
    const error = await rejection(readConfigFile(file).then(parse));
    expect(error['details']).toMatchObject({
      issues: expect.arrayContaining([
        { key, line, column: expect.any(Number) as number, message: expect.any(String) as string },
      ]) as unknown,
    });
    expect(error.message).toMatch(new RegExp(`${file}:${line}:\\d+: \`${key.replace(/[[\]]/g, '\\$&')}\``));
  });

  it.each([
    ['a syntax error', 'ip: 10.0.0.2\nnode1: [', /:2:8: /],
    ['a key twice', 'ip: a\nip: b', /:2:1: .*line 1 already/],
    ['an unknown alias', 'ip: *nobody', /nobody/],
    ['binary data', '\u0000\u0001', /./],
    [
      'aliases that multiply',
      [
        'a: &a [x,x,x,x,x,x,x,x,x,x]',
        ...'bcdefg'.split('').map((key, i) => {
          const previous = `*${'abcdef'[i] ?? ''}`;
          return `${key}: &${key} [${Array<string>(10).fill(previous).join(',')}]`;
        }),
      ].join('\n'),
      /alias/i,
    ],
  ])('refuses %s with a code', async (_what, text, message) => {
    const file = await configFile(text);
    const error = await rejection(readConfigFile(file).then(parse));
    expect(['CONFIG_UNREADABLE', 'CONFIG_INVALID']).toContain(error['code']);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(file);
  });

  it('tells the column of a key', async () => {
    const file = await configFile('ip: 10.0.0.2\nnode1: { board: rk1, ip: x }\n');
    const error = await rejection(readConfigFile(file).then(parse));
    expect(error.message).toContain(`${file}:2:22: \`node1.ip\``);
  });

  it('reads what Windows editors save: a byte order mark, CRLF, UTF-16', async () => {
    const text = '\uFEFFip: 10.0.0.2\r\nnode1:\r\n  ip: 10.0.0.11\r\n  board: rk1\r\n  hostname: x\r\n';
    for (const encoding of ['utf8', 'utf16le'] as const) {
      const file = await configFile('');
      await writeFile(file, text, encoding);
      expect((await parse(await readConfigFile(file))).nodes.get(1)).toMatchObject({
        board: 'rk1',
        hostname: 'x',
      });
    }
    const latin1 = await configFile('');
    await writeFile(latin1, 'ip: bücher', 'latin1');
    await expect(readConfigFile(latin1)).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
      message: expect.stringContaining('UTF-8') as string,
    });
  });

  it('carries out merge keys, also several, and knows the lines of what came with them', async () => {
    const lines = [
      'ip: 10.0.0.2',
      'node1: &first { ip: 10.0.0.11, board: rk1 }',
      'node2: { <<: *first, ip: 10.0.0.12 }',
      'node3: { <<: [{ os: ubuntu }, *first], ip: 10.0.0.13 }',
    ];
    const config = await parse(await readConfigFile(await configFile(lines.join('\n'))));
    expect(config.nodes.get(2)).toEqual({ ip: '10.0.0.12', board: 'rk1' });
    expect(config.nodes.get(3)).toEqual({ ip: '10.0.0.13', board: 'rk1', os: 'ubuntu' });
    const wrong = await configFile(lines.join('\n').replace('board: rk1', 'board: 5'));
    const error = await rejection(readConfigFile(wrong).then(parse));
    expect(error['details']).toMatchObject({
      issues: [1, 2, 3].map((id) => ({ key: `node${id}.board`, line: 2, column: 32 })),
    });
  });

  it('lets its caller make of a number what was written', async () => {
    const file = await configFile('a: [0644, "0644", 0x1A]\n');
    const { input } = await readConfigFile(file, (given, writtenAt) => ({
      given,
      written: [0, 1, 2, 3].map((index) => writtenAt(['a', index])),
    }));
    expect(input).toEqual({
      given: { a: [644, '0644', 26] },
      written: ['0644', undefined, '0x1A', undefined],
    });
  });

  it('tells a missing file from an unreadable one', async () => {
    const directory = await temporaryDirectory();
    await expect(readConfigFile(path.join(directory, 'none.yaml'))).rejects.toMatchObject({
      code: 'CONFIG_NOT_FOUND',
    });
    await expect(readConfigFile(directory)).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
  });

  it('an empty file is an invalid configuration', async () => {
    const file = await configFile('');
    await expect(readConfigFile(file).then(parse)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('gives createTuringPi the line of a board that no plugin brings', async () => {
    const file = await configFile(
      ['ip: 10.0.0.2', 'cacheDir: cache', 'node1:', '  ip: 10.0.0.11', '  board: rk9'].join('\n'),
    );
    const { input, ...place } = await readConfigFile(file);
    const error = await rejection(createTuringPi(input as Parameters<typeof createTuringPi>[0], place));
    expect(error).toMatchObject({
      code: 'CONFIG_INVALID',
      details: { issues: [{ key: 'node1.board', line: 5 }] },
    });
    expect(error.message).toContain('"rk9"');
  });
});
