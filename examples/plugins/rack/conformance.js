const config = {
  ip: '192.0.2.90', // for documentation (RFC 5737): nothing is there
  node1: { ip: '192.0.2.101', board: 'rk1' },
  cacheDir: './cache',
  rack: { name: 'A3' },
};

/** What the plugin is tested on: `npx turingpi-conformance .` */
export default {
  configKeys: {
    rack: {
      valid: [{ name: 'A3' }, { name: 'A3', slot: 2 }],
      invalid: [
        { value: { name: '' }, at: ['name'] },
        { value: { name: 'A3', slot: 'two' }, at: ['slot'] },
        { value: { name: 'A3', height: 1 }, at: ['height'] },
        { value: 'A3', at: [] },
      ],
    },
  },
  commands: { rack: { config } },
};
