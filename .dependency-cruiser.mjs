// The import arrows of the design: which package may import which. Checked by `npm run lint:arrows`.
const MAY_IMPORT = {
  core: [],
  image: ['core'],
  bmc: ['core'],
  runtime: ['core'],
  linux: ['core', 'image', 'runtime'],
  'os-ubuntu': ['core', 'linux', 'image', 'runtime'],
  'os-debian': ['core', 'linux', 'image', 'runtime'],
  'board-rk1': ['core', 'bmc', 'runtime', 'image'],
  'board-cm4': ['core', 'bmc', 'runtime', 'image'],
  testkit: ['core', 'bmc', 'image', 'runtime'],
};

const arrows = Object.entries(MAY_IMPORT).map(([name, allowed]) => ({
  name: `arrows-of-${name}`,
  comment: `packages/${name} may import: ${allowed.join(', ') || 'no sibling'}.`,
  severity: 'error',
  from: { path: `^packages/${name}/src/` },
  to: { path: '^packages/', pathNot: [name, ...allowed].map((sibling) => `^packages/${sibling}/`) },
}));

export default {
  forbidden: [
    ...arrows,
    {
      name: 'no-cycles',
      comment: 'Files that import each other cannot be read one after the other.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
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
