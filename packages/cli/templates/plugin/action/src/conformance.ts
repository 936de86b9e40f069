import type { ConformanceSubjects } from '@turingpi/conformance';

/** What the plugin is tested on: `npx turingpi-conformance .` */
const subjects: ConformanceSubjects = {
  actions: {
    newStep: {
      input: { text: 'hello' },
      otherInput: { text: 'good night' },
      inputWith: (secret) => ({ text: secret }),
      step: { newStep: { text: 'hello' } },
      // The file is not there: `stat` of the simulated node says nothing.
      answer: (command) => (command.includes('stat -c') ? { stdout: '' } : undefined),
      wrongSteps: [{ step: { newStep: { text: '' } }, keys: ['newStep.text'] }],
    },
  },
  configKeys: {
    newStep: {
      valid: [{}, { path: '/etc/issue' }],
      invalid: [{ value: { path: 'issue' }, at: ['path'] }],
    },
  },
};
export default subjects;
