import type { PowerStates } from '../api/power-api.js';
import { nodeOfProcess, type TransferStatus } from '../api/transfer-status.js';
import { printable } from '../api/reply.js';
import { meaningOfText } from '../errors/reply-text.js';
import { WITHOUT_CLEANUP } from '../flash/flash-recovery.js';
import { describeUnwatchedEnd } from '../flash/unwatched-end.js';
import type { LocalTransfer } from '../flash/local-transfer.js';
import type { Examination } from './examination.js';
import { type Finding, finding, fixable } from './finding.js';

type Running = Extract<TransferStatus, { state: 'transferring' }>;

/** What the one transfer slot does, of whom it is, and what an earlier transfer has left behind. */
export async function checkTransfer(examination: Examination): Promise<readonly Finding[]> {
  const { client, signal } = examination;
  const status = await client.transfer.status({ signal });
  await client.identity({ signal }); // by which its journal is found also when its key is a new one
  const local = await client.localTransfer();
  if (status.state === 'transferring') return [running(status, local)];
  const power = await client.power.get({ signal });
  return [last(status), ...(await leftBehind(status, power, local, examination))];
}

function running(status: Running, { holder, record }: LocalTransfer): Finding {
  const node = nodeOfProcess(status.process);
  const what = node === undefined ? 'of the firmware of the BMC' : `to node ${node}`;
  const how = `a transfer ${what} is running, ${Math.round(status.bytesWritten / 1e6)} MB so far`;
  if (record?.handle !== status.handle) {
    const hint = 'Starting another one would destroy it; nothing here does.';
    return finding('BMC_TRANSFER_RUNNING', 'note', `${how}; it is of another client`, hint);
  }
  if (holder && !holder.ended) {
    const who = `process ${holder.pid} on ${holder.host}`;
    return finding('BMC_TRANSFER_RUNNING', 'note', `${how}; it is of ${who}`);
  }
  return finding(
    'BMC_TRANSFER_RUNNING',
    'warning',
    `${how}; it is of a run of ${record.startedAt} on this computer, which has ended`,
    'Run the same command again: it follows the transfer to its end.',
  );
}

function last(status: Exclude<TransferStatus, Running>): Finding {
  switch (status.state) {
    case 'ready':
      return finding('BMC_TRANSFER_NONE', 'ok', 'no transfer since the daemon was started');
    case 'done':
      return finding('BMC_TRANSFER_NONE', 'ok', 'no transfer is running; the last one was done');
    case 'error': {
      const message = `no transfer is running; the last one failed: "${printable(status.text)}"`;
      return finding('BMC_TRANSFER_FAILED', 'note', message, meaningOfText(status.text)?.advice);
    }
  }
}

/**
 * A bring-up that failed leaves its node on in USB boot, and USB led to the BMC
 * (docs/reference/bmc-protocol.md, "Flash worker").
 */
async function leftBehind(
  status: TransferStatus,
  power: PowerStates,
  { holder, record }: LocalTransfer,
  examination: Examination,
): Promise<readonly Finding[]> {
  if (holder && !holder.ended) return []; // it is about to begin, or cleans up
  if (record) {
    // One that was shared may have come to its end on another computer: then the node is on because it runs.
    const on = record.shared !== true && power[record.node] !== 'off';
    const found = finding(
      'BMC_TRANSFER_UNFINISHED',
      on ? 'warning' : 'note',
      `${describeUnwatchedEnd(record, status) ?? `a flash of node ${record.node}, begun ${record.startedAt} on this computer, was not finished`}${on ? '; the node is on' : ''}`,
      `Flash node ${record.node} again: its storage may hold a part of the image.`,
    );
    return [on ? fixable(found, { kind: 'power-off', nodes: [record.node] }) : found];
  }
  const { client, signal, others } = examination;
  const failed =
    status.state === 'error' && WITHOUT_CLEANUP.has(meaningOfText(status.text)?.code ?? '')
      ? ': the last transfer failed to start its module and may have left it in USB boot'
      : '';
  const { bus } = await client.usb.get({ signal });
  if (failed === '' && bus !== 'hub') return [];
  const suspects = await client.silentNodes({ signal, ...(others && { others }) });
  if (suspects.length === 0) return [];
  const found = finding(
    'BMC_NODE_IN_USB_BOOT',
    'warning',
    `node ${suspects.join(', ')} is on and shows no system that runs on it${failed}`,
    bus === 'hub'
      ? 'It may be in USB boot, where the next flash could hit it instead of its target, and is refused. Switch it off, unless you know its system.'
      : 'Switch it off.',
  );
  return [fixable(found, { kind: 'power-off', nodes: suspects })];
}
