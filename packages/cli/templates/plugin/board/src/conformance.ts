import type { ConformanceSubjects } from '@turingpi/conformance';
import { slotOfVirtualBoard } from './slot-of-virtual-board.js';

/** What the plugin is tested on: `npx turingpi-conformance .` */
const subjects: ConformanceSubjects = {
  boards: { 'new-module': { open: slotOfVirtualBoard } },
  configKeys: {
    newModule: {
      valid: [{}, { restMs: 0 }],
      invalid: [{ value: { restMs: -1 }, at: ['restMs'] }],
    },
  },
};
export default subjects;
