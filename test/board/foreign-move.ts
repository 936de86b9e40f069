import type { NodeId } from '@turingpi/foundation';
import type { BareBoard } from '@turingpi/virtual-board';

/** What another client may do on a board. */
export type ForeignMove = 'start' | 'finish' | 'cancel' | 'power off' | 'USB boot';

/** Does it, in the name of `other`. */
export async function makeForeignMove(board: BareBoard, does: ForeignMove, node: NodeId): Promise<void> {
  switch (does) {
    case 'start':
      await board.request('other', `/api/bmc?opt=set&type=flash&node=${node - 1}&file=other.img&length=4096`);
      return;
    case 'finish': {
      const status = JSON.parse((await board.request('other', '/api/bmc?opt=get&type=flash')).body) as {
        readonly Transferring?: { readonly id: number };
      };
      if (board.living === 'other' && status.Transferring)
        await board
          .upload(status.Transferring.id, [Buffer.alloc(4096, 'other')], AbortSignal.timeout(1000))
          .catch(() => undefined);
      return;
    }
    case 'cancel':
      if (board.living === 'other') await board.request('other', '/api/bmc/upload/0/cancel');
      return;
    case 'power off':
      await board.request('other', `/api/bmc?opt=set&type=power&node${node}=0`);
      return;
    case 'USB boot':
      if (board.living === undefined) await board.enterUsbBoot('other', node);
  }
}
