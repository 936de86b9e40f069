import { ConfigError, configOf } from '@turingpi/core/plugin';
import { RACK } from './rack-key.js';

export const rackCommand = {
  id: 'rack',
  summary: 'Show in which rack the nodes are',
  examples: ['turingpi rack', 'turingpi rack 2 --json', "turingpi rack --format '{rack}.{slot}.{node}'"],
  arguments: [{ usage: '[nodes...]', summary: 'numbers of nodes (default: all)' }],
  options: [
    {
      flags: '--format <text>',
      summary: 'with {rack}, {slot} and {node} in it',
      default: '{rack} {slot} node {node}',
      parse: withNode,
    },
  ],
  async run({ args, options, json, stdout, openCluster }) {
    const { config } = await openCluster();
    const place = configOf(config, RACK);
    if (place === undefined)
      throw new ConfigError('CONFIG_INVALID', 'the configuration does not say where the board stands', {
        hint: 'Add a line such as `rack: { name: A3, slot: 2 }`.',
      });
    for (const node of [...config.nodes.keys()].filter(
      (id) => args.length === 0 || args.includes(String(id)),
    )) {
      const found = { rack: place.name, slot: place.slot, node };
      const text = options.format.replaceAll(/\{(\w+)\}/g, (whole, name) => String(found[name] ?? whole));
      stdout.write(`${json ? JSON.stringify(found) : text}\n`);
    }
  },
};

function withNode(text) {
  if (text.includes('{node}')) return text;
  throw new Error('expected {node} in it');
}
