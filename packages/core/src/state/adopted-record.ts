import { hashDigests, type InputDigests } from '../phase/input-digests.js';
import type { CustomizedImage } from '../phase/phase.js';
import type { AdoptedNode } from '../phase/adopted-node.js';
import { type NodeState, pendingPhases, type PhaseRecord } from './state-document.js';

/**
 * The records of a node that was adopted. What was done to this very installation stays done.
 *
 * @param at - ISO 8601
 */
export function adoptedNode(known: NodeState | undefined, adopted: AdoptedNode, at: string): NodeState {
  const same = known?.os_installation?.installation_id === adopted.installed.installationId;
  return { ...pendingPhases(at), ...(same ? known : {}), os_installation: adoptedRecord(adopted, at) };
}

/**
 * The record of an installation that was adopted: it stands for whatever the node runs until a reinstallation. Where
 * the node tells what it was made from, a configuration that says something else is noticed.
 *
 * @param at - ISO 8601
 */
function adoptedRecord({ installed, inputs, recipe }: AdoptedNode, at: string): PhaseRecord {
  const image: CustomizedImage = {
    path: '',
    format: 'raw',
    sizeBytes: 0,
    sha256: installed.imageSha256,
    rawSizeBytes: 0,
    adopted: true,
    os: installed.os,
    hostname: installed.hostname,
    hostKeys: installed.hostKeys,
  };
  const digests: InputDigests | undefined =
    inputs && Object.fromEntries(Object.entries(inputs).map(([name, digest]) => [name, { digest }]));
  return {
    status: 'completed',
    timestamp: at,
    seen_at: at,
    adopted: true,
    installation_id: installed.installationId,
    ...(installed.generation === undefined ? {} : { generation: installed.generation }),
    output: plain(installed),
    image: {
      input_hash: digests === undefined ? '' : hashDigests(digests),
      ...(digests === undefined ? {} : { inputs: { ...digests } }),
      ...(recipe === undefined ? {} : { recipe }),
      output: plain(image),
    },
  };
}

function plain(value: object): NonNullable<PhaseRecord['output']> {
  return JSON.parse(JSON.stringify(value)) as NonNullable<PhaseRecord['output']>;
}
