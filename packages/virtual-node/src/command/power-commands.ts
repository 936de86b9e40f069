import type { Command, CommandTable } from '../shell/command.js';

function asRoot(command: Command): Command {
  return (call) => {
    if (call.shell.identity.uid === 0) return command(call);
    call.io.err(`Call to ${call.name} failed: Interactive authentication required.\n`);
    return 1;
  };
}

const powerOff = asRoot(({ system }) => {
  system.powerOff();
  return 0;
});

/** Programs that end the system, and the one that makes its writes last. */
export const POWER_COMMANDS: CommandTable = {
  reboot: asRoot(({ system }) => {
    system.reboot();
    return 0;
  }),
  shutdown: asRoot(({ args, system }) => {
    if (args.includes('-r')) system.reboot();
    else system.powerOff();
    return 0;
  }),
  poweroff: powerOff,
  halt: powerOff,
  sync: async ({ system }) => {
    await system.sync();
    return 0;
  },
};
