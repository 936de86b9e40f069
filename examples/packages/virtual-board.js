import { startVirtualBoard } from '@turingpi/virtual-board';

const board = await startVirtualBoard({ nodes: [{ board: 'rk1' }, { board: 'cm4' }] });
console.error(`https://${board.https.host}:${board.https.port}`, board.publicKeyPin);
const [first] = board.nodes;
console.log(first.powered ? 'on' : 'off'); // → off
await board[Symbol.asyncDispose]();
