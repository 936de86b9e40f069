const line = (text) => ({ path: '/etc/hosts', line: text });

/** What the plugin is tested on: `npx turingpi-conformance .` */
export default {
  actions: {
    line: {
      input: line('10.0.0.5 nas'),
      otherInput: line('10.0.0.6 nas'),
      inputWith: line,
      step: { line: line('10.0.0.5 nas') },
      wrongSteps: [
        { step: { line: { path: 'hosts', line: 'two\nlines' } }, keys: ['line.line', 'line.path'] },
      ],
    },
  },
};
