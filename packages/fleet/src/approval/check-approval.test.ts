import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalStatement } from '../orchestrator/signed-approval.js';
import { ApprovalLedger } from './approval-ledger.js';
import { checkApproval, checkErasure } from './check-approval.js';
import { newOperatorKey, privateKeyOf, publicLineOf } from './operator-key.js';
import { signApproval } from './sign-approval.js';

const key = privateKeyOf(newOperatorKey());
const stranger = privateKeyOf(newOperatorKey());
if (key === undefined || stranger === undefined) throw new Error('a new key is no key');

const STATEMENT: ApprovalStatement = {
  version: 1,
  fleet: 'labs',
  id: 'first',
  operator: 'ada',
  board: 'rack1',
  identity: 'serial-1',
  node: 1,
  plan: 'a'.repeat(64),
  disk: 'emmc',
  evidence: 'installed',
  installation: 'x',
  at: '2026-01-01T00:00:00.000Z',
  until: '2026-01-08T00:00:00.000Z',
};
const QUESTION = {
  fleet: 'labs',
  operators: new Map([['ada', publicLineOf(key)]]),
  board: 'rack1',
  node: 1,
  plan: STATEMENT.plan,
  now: new Date('2026-01-02T00:00:00.000Z'),
} as const;

describe('an approval', () => {
  it('is worth what was signed, and nothing once any part of it was changed', () => {
    const signed = signApproval(STATEMENT, key);
    expect(checkApproval(JSON.parse(JSON.stringify(signed)), QUESTION)).toEqual(STATEMENT);
    const keys = Object.keys(STATEMENT) as (keyof ApprovalStatement)[];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.string(), (name, value) => {
        const changed = { ...STATEMENT, [name]: name === 'node' ? 2 : value };
        if (changed[name] === STATEMENT[name]) return;
        expect(() => checkApproval({ ...signed, statement: changed }, QUESTION)).toThrow(
          expect.objectContaining({
            code: expect.stringMatching(/^APPROVAL_(INVALID|UNKNOWN_OPERATOR)$/) as string,
          }),
        );
      }),
    );
    const { installation: _left, ...shorter } = STATEMENT;
    expect(() => checkApproval({ ...signed, statement: shorter }, QUESTION)).toThrow();
    expect(() => checkApproval({ ...signed, statement: { ...STATEMENT, more: 1 } }, QUESTION)).toThrow();
  });

  it.each<[string, Partial<ApprovalStatement>]>([
    ['APPROVAL_UNKNOWN_OPERATOR', { operator: 'mallory' }],
    ['APPROVAL_FOREIGN', { fleet: 'others' }],
    ['APPROVAL_FOREIGN', { board: 'rack2' }],
    ['APPROVAL_FOREIGN', { node: 2 }],
    ['APPROVAL_EXPIRED', { until: '2026-01-02T00:00:00.000Z' }],
    ['APPROVAL_OUTDATED', { plan: 'b'.repeat(64) }],
  ])('is refused with %s, however well it is signed: %j', (code, changes) => {
    const approval = signApproval({ ...STATEMENT, ...changes }, key);
    expect(() => checkApproval(approval, QUESTION)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it.each([
    ['APPROVAL_MISSING', undefined],
    ['APPROVAL_INVALID', null],
    ['APPROVAL_INVALID', { signature: '' }],
    ['APPROVAL_INVALID', signApproval(STATEMENT, stranger)],
  ])('is refused with %s when it is none, or of somebody else', (code, approval) => {
    expect(() => checkApproval(approval, QUESTION)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('is for a disk of which no more is known, with the installation that may be lost', () => {
    const erasure = { board: 'serial-1', disk: 'emmc', evidence: 'installed', hostname: 'n1' } as const;
    const check = (changes: object, installation: string | undefined = 'x') => {
      checkErasure(STATEMENT, { ...erasure, ...changes }, installation);
    };
    check({});
    check({ board: undefined });
    check({ evidence: 'interrupted' }, undefined);
    const refusal = (code: string) => expect.objectContaining({ code }) as Error;
    expect(() => {
      check({}, 'y');
    }).toThrow(refusal('APPROVAL_OUTDATED'));
    expect(() => {
      check({ board: 'serial-2' });
    }).toThrow(refusal('APPROVAL_FOREIGN'));
    expect(() => {
      check({ disk: 'nvme' });
    }).toThrow(refusal('APPROVAL_FOREIGN'));
    expect(() => {
      checkErasure({ ...STATEMENT, evidence: 'new' }, { ...erasure, evidence: 'unknown' }, undefined);
    }).toThrow(refusal('APPROVAL_OUTDATED'));
  });
});

describe('the ledger of approvals', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'turingpi-approvals-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('refuses one that was used, in whatever process, and all where a line is damaged', async () => {
    const file = path.join(directory, 'deeper', 'approvals.jsonl');
    await new ApprovalLedger(file).assertUnused(STATEMENT);
    await new ApprovalLedger(file).use(STATEMENT, QUESTION.now);
    const ledger = new ApprovalLedger(file);
    await expect(ledger.assertUnused(STATEMENT)).rejects.toMatchObject({ code: 'APPROVAL_USED' });
    await ledger.assertUnused({ ...STATEMENT, id: 'second' });
    await writeFile(file, '{"at":"2026-', { flag: 'a' });
    await expect(ledger.assertUnused({ ...STATEMENT, id: 'second' })).rejects.toMatchObject({
      code: 'APPROVAL_USED',
      hint: expect.stringContaining(file) as string,
    });
  });
});
