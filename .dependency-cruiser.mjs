// The import arrows of the design: which package may import which. Checked by `npm run lint:arrows`.
const ORGANS = ['image', 'bmc', 'runtime', 'usb-host'];
const PROVISIONING = ['foundation', ...ORGANS, 'core', 'provisioning'];
const LINUX = [...PROVISIONING, 'linux'];
const MAY_IMPORT = {
  foundation: [],
  image: ['foundation'],
  bmc: ['foundation'],
  runtime: ['foundation'],
  'usb-host': ['foundation'],
  core: ['foundation'],
  provisioning: ['foundation', ...ORGANS, 'core'],
  linux: PROVISIONING,
  'os-ubuntu': LINUX,
  'os-debian': LINUX,
  'board-rk1': PROVISIONING,
  'board-cm4': PROVISIONING,
  'image-docker': PROVISIONING,
  'install-network': PROVISIONING,
  'image-loop': PROVISIONING,
  dashboard: ['foundation', 'core'],
  telemetry: ['foundation', 'core', 'fleet'], // types: of what happens in a fleet
  'state-http': ['foundation', 'core', 'cli'], // the type of a command
  'state-postgres': ['foundation', 'core'],
  artifacts: PROVISIONING,
  fleet: [...PROVISIONING, 'dashboard', 'cli', 'virtual-node', 'virtual-board'], // the latter's types: of a command, of what it has for demonstrations
  'fleet-temporal': ['foundation', 'core', 'fleet'],
  'virtual-node': PROVISIONING,
  'virtual-board': [...PROVISIONING, 'virtual-node', 'conformance'],
  conformance: PROVISIONING,
};

const arrows = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  name: `arrows-of-${name}`,
  comment: `packages/${name} may import: ${allowed.join(', ') || 'no sibling'}.`,
  severity: 'error',
  from: { path: `^packages/${name}/(?:src|page)/` },
  to: { path: '^packages/', pathNot: [name, ...allowed].map((sibling) => `^packages/${sibling}/`) },
}));

export default {
  forbidden: [
    ...arrows,
    {
      name: 'no-cycles',
      comment: 'Files that import each other, be it types alone, cannot be read one after the other.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'Everything that is imported is installed.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'product-does-not-import-tests',
      severity: 'error',
      from: { path: '^packages/', pathNot: '\\.test\\.ts$' },
      to: { path: ['\\.test\\.ts$', '^test/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@turingpi/source', 'import', 'types', 'node', 'default'],
    },
  },
};
