import { withNamedNodes } from '@turingpi/foundation';
import { test } from 'vitest';
import { startBoard } from '../../board/board-fixture.js';

/** Run by judge.test.ts, which expects the second of them to fail. */
test.each(['named', 'unnamed'])('the power of a node that is %s is cut', async (which) => {
  await using fixture = await startBoard({ boot: 'none' });
  const client = fixture.client();
  await client.power.on(1);
  const cut = () => client.power.off(1);
  await (which === 'named' ? withNamedNodes([1], 'test', cut) : cut());
});
