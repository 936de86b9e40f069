import type { InstalledNode, Node, PhaseRecord } from '@turingpi/core/plugin';
import { describe, expect, it } from 'vitest';
import { nodeRecord } from './node-record.js';

const node: Node = {
  id: 2,
  config: { ip: '192.168.1.102', board: 'rk1', macAddress: '02:00:00:00:00:02' },
  ipAddress: '192.168.1.102',
  hostname: 'rk1-b',
  gateway: '192.168.1.1',
  dnsServers: [],
  prefixLength: 24,
};
const pending: PhaseRecord = { status: 'pending', timestamp: '' };
const phases = { image_customization: pending, os_installation: pending, post_installation: pending };
const record: PhaseRecord = {
  status: 'completed',
  timestamp: '2026-01-02T03:04:05.000Z',
  duration_ms: 61_000,
};
const installed: InstalledNode = {
  installationId: 'one',
  imageSha256: '',
  os: 'ubuntu',
  ipAddress: '192.168.1.102',
  hostname: 'rk1-b',
  hostKeys: ['ssh-ed25519 AAAA'],
  strategy: 'flash',
  module: { serial: 'recorded' },
};

describe('the record of a node', () => {
  it('has of a node that was never installed what the configuration says, and no time', () => {
    const { facts, phases: times } = nodeRecord({ node, phases });
    expect(Object.keys(facts).sort()).toEqual(['address', 'boardType', 'hostname', 'macAddresses']);
    expect(facts.macAddresses).toEqual({ value: ['02:00:00:00:00:02'], from: 'configuration' });
    expect(times.os_installation).toEqual({ status: 'pending' });
  });

  it('takes what the node says now for newer than what is on record, and nothing for a fact that is none', () => {
    const at = '2026-05-05T00:00:00.000Z';
    const facts = {
      ...{ hostname: 'other', kernel: '6.1', architecture: 'aarch64', cpuCount: 8, memoryBytes: 0 },
      os: { id: 'ubuntu', version: '24.04', name: 'Ubuntu 24.04' },
      disks: [],
      interfaces: [{ name: 'eth0', macAddress: '02:00:00:00:00:09', addresses: [] }],
    };
    const told = nodeRecord({
      ...{ node, installed, record, phases: { ...phases, os_installation: record } },
      said: { facts, at },
    });
    expect(told.facts.hostname).toEqual({ value: 'other', from: 'node', seen: at });
    expect(told.facts.macAddresses).toEqual({ value: ['02:00:00:00:00:09'], from: 'node', seen: at });
    expect(told.facts.moduleSerial).toEqual({ value: 'recorded', from: 'record', seen: record.timestamp });
    expect(told.facts.hostKeys?.seen).toBe(at); // they let the connection through
    expect(told.facts).not.toHaveProperty('memoryBytes');
    expect(told.facts).not.toHaveProperty('image'); // of a node that was adopted
    expect(told.phases.os_installation).toEqual({
      status: 'completed',
      at: record.timestamp,
      durationMs: 61_000,
    });
  });
});
