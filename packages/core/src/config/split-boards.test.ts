import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAcrossBoards } from './check-across-boards.js';
import { hasBoards, splitBoards } from './split-boards.js';

const WHOLE = {
  cacheDir: './cache',
  network: { gateway: '10.0.0.1', prefixLength: 16 },
  bmc: { username: 'root', password: { env: 'BOARD_PASSWORD' } },
  workflow: { image: 'ubuntu.img' },
  boards: {
    shelf: { ip: '10.0.0.2', node1: { ip: '10.0.1.1', board: 'rk1' } },
    rack: {
      ip: '10.0.0.3',
      bmc: { password: { env: 'RACK_PASSWORD' } },
      network: { hostnamePattern: 'r{id}' },
      stateFileName: 'rack.json',
      node1: { ip: '10.0.2.1', board: 'rk1' },
    },
  },
};

describe('splitBoards', () => {
  it('gives each board what is said of it and what is said for all, with a state file and host names of its own', () => {
    const { boards, issues } = splitBoards(WHOLE);
    expect(issues).toEqual([]);
    const [shelf, rack] = boards;
    expect(shelf?.input).toEqual({
      cacheDir: './cache',
      stateFileName: 'shelf.tpi_state.json',
      network: { gateway: '10.0.0.1', prefixLength: 16, hostnamePattern: 'shelf-node{id}' },
      bmc: WHOLE.bmc,
      workflow: WHOLE.workflow,
      ip: '10.0.0.2',
      node1: { ip: '10.0.1.1', board: 'rk1' },
    });
    expect(rack?.input).toMatchObject({
      stateFileName: 'rack.json',
      bmc: { username: 'root', password: { env: 'RACK_PASSWORD' } },
      network: { gateway: '10.0.0.1', prefixLength: 16, hostnamePattern: 'r{id}' },
    });
  });

  it('puts the name of the board into a pattern of host names', () => {
    const { boards } = splitBoards({ ...WHOLE, network: { hostnamePattern: 'k8s-{board}-{id}' } });
    expect(boards[0]?.input).toMatchObject({ network: { hostnamePattern: 'k8s-shelf-{id}' } });
  });

  it('says where something is written: on the board, or for all', () => {
    const rack = splitBoards(WHOLE).boards[1];
    expect(rack?.pathInWhole(['node1', 'ip'])).toEqual(['boards', 'rack', 'node1', 'ip']);
    expect(rack?.pathInWhole(['bmc', 'password'])).toEqual(['boards', 'rack', 'bmc', 'password']);
    expect(rack?.pathInWhole(['bmc', 'username'])).toEqual(['bmc', 'username']);
    expect(rack?.pathInWhole(['network', 'gateway'])).toEqual(['network', 'gateway']);
    expect(rack?.pathInWhole(['node2', 'ip'])).toEqual(['boards', 'rack', 'node2', 'ip']);
    expect(rack?.pathInWhole(['workflow', 'image'])).toEqual(['workflow', 'image']);
  });

  it.each([
    [{ boards: {} }, 'boards'],
    [{ boards: [] }, 'boards'],
    [{ boards: { Shelf: {} } }, 'boards.Shelf'],
    [{ boards: { '../shelf': {} } }, 'boards.../shelf'],
    [{ boards: { shelf: 'x' } }, 'boards.shelf'],
    [{ boards: { shelf: { workflow: {} } } }, 'boards.shelf.workflow'],
    [{ boards: { shelf: { cacheDir: '/x' } } }, 'boards.shelf.cacheDir'],
    [{ boards: { shelf: { boards: {} } } }, 'boards.shelf.boards'],
    [{ ip: '10.0.0.2', boards: { shelf: {} } }, 'ip'],
    [{ node1: {}, boards: { shelf: {} } }, 'node1'],
  ])('refuses %j', (input, place) => {
    expect(splitBoards(input).issues.map(({ path }) => path.join('.'))).toEqual([place]);
  });

  it('takes anything that YAML can hold without an exception', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (shared, boards) => {
        const whole = { ...shared, boards };
        expect(hasBoards(whole)).toBe(true);
        const split = splitBoards(whole);
        checkAcrossBoards(split.boards);
        for (const board of split.boards)
          for (const key of Object.keys(board.input as object)) board.pathInWhole([key, 'x', 0]);
      }),
    );
  });
});

describe('checkAcrossBoards', () => {
  const issuesOf = (boards: Record<string, unknown>) =>
    checkAcrossBoards(splitBoards({ boards }).boards).map(
      ({ path, message }) => `${path.join('.')} ${message}`,
    );

  it('finds addresses, host names and files that two boards have', () => {
    expect(
      issuesOf({
        a: { ip: '10.0.0.2', node1: { ip: '10.0.1.1', board: 'rk1', hostname: 'db' } },
        b: {
          ip: '10.0.0.2',
          stateFileName: 'a.tpi_state.json',
          node2: { ip: '10.0.1.1', board: 'rk1', hostname: 'db' },
        },
      }),
    ).toEqual([
      'boards.b.ip is 10.0.0.2, which a.ip has already',
      'boards.b.stateFileName is a.tpi_state.json, which a.stateFileName has already',
      'boards.b.node2.ip is 10.0.1.1, which a.node1 has already',
      'boards.b.node2.hostname is db, which a.node1 has already',
    ]);
  });

  it('finds the same names by a pattern that does not tell boards apart', () => {
    const node1 = (ip: string) => ({ node1: { ip, board: 'rk1' }, network: { hostnamePattern: 'n{id}' } });
    expect(issuesOf({ a: { ip: '1', ...node1('10.0.1.1') }, b: { ip: '2', ...node1('10.0.1.2') } })).toEqual([
      'boards.b.node1.hostname is n1, which a.node1 has already',
    ]);
  });

  it('lets boards be at one address with different ports, as simulated ones are', () => {
    const at = (port: number) => ({ ip: '127.0.0.1', bmc: { port } });
    expect(issuesOf({ a: at(8443), b: at(8444) })).toEqual([]);
    expect(issuesOf({ a: at(8443), b: at(8443) })).toHaveLength(1);
  });
});
