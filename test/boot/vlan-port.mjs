/**
 * Stands in for an emulator where a node hangs on a switch port that only carries one VLAN:
 *
 *   node vlan-port.mjs VLAN EMULATOR [its arguments …]
 *
 * The node gets a bare cable instead of QEMU's simulated network. At its other end frames with the right tag go on,
 * without it, to a second QEMU that has no machine in it, just that network; everything else is dropped.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

const [vlan, emulator, ...parameters] = process.argv.slice(2);
const ETHERTYPE_AT = 12;
const TAG = Buffer.from([0x81, 0x00, Number(vlan) >> 8, Number(vlan) & 0xff]);

/** Ends with this process, also when that is killed. */
function start(rest) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', emulator, ...rest], { stdio: 'inherit' });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
}

/** Without its tag, when that is the right one. */
function untagged(frame) {
  const tag = frame.readUInt16BE(ETHERTYPE_AT + 2) & 0x0fff; // without priority
  const own = frame.readUInt16BE(ETHERTYPE_AT) === 0x8100 && tag === Number(vlan);
  return own ? Buffer.concat([frame.subarray(0, ETHERTYPE_AT), frame.subarray(ETHERTYPE_AT + 4)]) : undefined;
}

function tagged(frame) {
  return Buffer.concat([frame.subarray(0, ETHERTYPE_AT), TAG, frame.subarray(ETHERTYPE_AT)]);
}

/** Passes frames on as QEMU sends them over a connection: each after its length, four bytes. */
function pass(from, to, change) {
  let waiting = Buffer.alloc(0);
  from.on('data', (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32BE(0)) {
      const end = 4 + waiting.readUInt32BE(0);
      const frame = change(waiting.subarray(4, end));
      waiting = waiting.subarray(end);
      if (!frame) continue;
      const length = Buffer.alloc(4);
      length.writeUInt32BE(frame.length);
      to.write(Buffer.concat([length, frame]));
    }
  });
}

/** One end of a cable: waits for the QEMU that will be plugged in. */
async function plug() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return { cable: `connect=127.0.0.1:${port}`, plugged: once(server, 'connection') };
}

const at = parameters.indexOf('-netdev') + 1;
if (at === 0)
  start(parameters); // asked for its version
else {
  const [node, router] = [await plug(), await plug()];
  const network = parameters[at];
  const id = /\bid=([^,]+)/.exec(network)[1];
  start(parameters.with(at, `socket,id=${id},${node.cable}`));
  start([
    ...['-machine', 'none', '-nodefaults', '-display', 'none', '-monitor', 'none', '-serial', 'none'],
    ...['-netdev', network, '-netdev', `hubport,id=inside,hubid=1,netdev=${id}`],
    ...['-netdev', `socket,id=cable,${router.cable}`, '-netdev', 'hubport,id=outside,hubid=1,netdev=cable'],
  ]);
  const [[nodeEnd], [routerEnd]] = await Promise.all([node.plugged, router.plugged]);
  for (const end of [nodeEnd, routerEnd]) end.setNoDelay(true).on('error', () => process.exit(1));
  pass(nodeEnd, routerEnd, untagged);
  pass(routerEnd, nodeEnd, tagged);
}
