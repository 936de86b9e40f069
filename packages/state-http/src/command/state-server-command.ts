import type { ContributedCommand } from '@turingpi/cli/plugin';

/** `turingpi state-server`: puts a store behind HTTPS, until it is told to stop. */
export const stateServerCommand: ContributedCommand = {
  id: 'state-server',
  summary: 'keep the states of other computers, behind HTTPS with certificates',
  examples: ['turingpi state-server /etc/turingpi/state-server.yaml', 'turingpi state-server --check'],
  arguments: [{ usage: '[file]', summary: 'what it serves and to whom; default: state-server.yaml' }],
  options: [
    { flags: '--check', summary: 'see whether the file and its store are right, make its tables, and end' },
  ],
  run: async (context) => {
    const { serveState } = await import('./serve-state.js'); // only who serves needs it
    await serveState(context);
  },
};
