// What each public entry of each package exports, as text: `npm run api` writes it to docs/api, so that a change of a
// public declaration shows in the diff. Another folder than docs/api: node scripts/api-report.mjs FOLDER
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const ROOT = path.resolve(import.meta.dirname, '..');
const SUFFIX = '.api.md';
const folder = path.resolve(process.argv[2] ?? path.join(ROOT, 'docs/api'));

const { compilerOptions } = readJson(path.join(ROOT, 'tsconfig.base.json'));
const scratch = mkdtempSync(path.join(os.tmpdir(), 'turingpi-api-'));
try {
  writeReports(publicEntries());
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function writeReports(entries) {
  const configs = entries.map(extractorConfig);
  // One program for all entries: each alone would read the same declarations again.
  const compilerState = CompilerState.create(configs[0], {
    additionalEntryPoints: entries.map(({ types }) => types),
  });
  const reports = entries.map((entry, index) => {
    const result = Extractor.invoke(configs[index], { localBuild: true, compilerState, messageCallback });
    if (result.errorCount > 0) throw new Error(`no report of ${entry.specifier}`);
    return readFileSync(configs[index].reportFilePath, 'utf8');
  });
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name.endsWith(SUFFIX)) rmSync(path.join(folder, name));
  for (const [index, entry] of entries.entries())
    writeFileSync(path.join(folder, entry.reportName), withoutComments(entry, reports[index]));
}

/** Every entry of every `exports`; one without types would be public without a report, which is refused. */
function publicEntries() {
  const directories = readdirSync(path.join(ROOT, 'packages'))
    .map((name) => path.join(ROOT, 'packages', name))
    .filter((directory) => existsSync(path.join(directory, 'package.json')));
  return directories.flatMap((directory) => {
    const manifest = readJson(path.join(directory, 'package.json'));
    return Object.entries(manifest.exports ?? {})
      .filter(([entry]) => entry !== './package.json')
      .map(([entry, target]) => publicEntry(directory, manifest, entry, target));
  });
}

function publicEntry(directory, manifest, entry, target) {
  const specifier = path.posix.join(manifest.name, entry);
  if (typeof target.types !== 'string' || entry.includes('*'))
    throw new Error(`${specifier}: an entry needs a path and types of its own`);
  const types = path.join(directory, target.types);
  if (!existsSync(types)) throw new Error(`${specifier} is not built: run \`npm run build\` first`);
  const unscoped = specifier.replace(/^@[^/]+\//, '');
  return { directory, manifest, specifier, types, reportName: `${unscoped.replaceAll('/', '.')}${SUFFIX}` };
}

function extractorConfig({ directory, manifest, types, reportName }) {
  const silent = { default: { logLevel: 'none' } };
  return ExtractorConfig.prepare({
    configObjectFullPath: path.join(directory, 'api-extractor.json'), // not there: says what paths are relative to
    packageJsonFullPath: path.join(directory, 'package.json'),
    packageJson: manifest,
    configObject: {
      projectFolder: directory,
      mainEntryPointFilePath: types,
      compiler: { overrideTsconfig: { compilerOptions, files: [types] } },
      newlineKind: 'lf',
      apiReport: {
        enabled: true,
        reportFileName: reportName,
        reportFolder: scratch,
        reportTempFolder: path.join(scratch, 'temporary'),
        // What is not exported but named by what is, changes the API as well.
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent },
    },
  });
}

/** Errors of the compiler and of the extractor are told; that a report is new or read by which compiler is not. */
function messageCallback(message) {
  if (message.logLevel === 'error') process.stderr.write(`${message.text}\n`);
  message.handled = true;
}

/** Declarations only: with a remark on what has a comment, every added comment would change a report. */
function withoutComments({ specifier }, report) {
  const body = /```ts\n(?<body>[\s\S]*)```/.exec(report).groups.body;
  const lines = body
    .split('\n')
    .filter(
      (line) => !/^\s*\/\/ (?:\(undocumented\)|@public(?: \(undocumented\))?|\(No @packageDoc.*)$/.test(line),
    );
  const declarations = sortedAlternatives(lines)
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
  return `# ${specifier}\n\nWritten by \`npm run api\`: do not edit.\n\n\`\`\`ts\n${declarations}\n\`\`\`\n`;
}

/** Names of alternatives (`failed: "failed";`) in alphabetical order: the compiler's depends on what it read first. */
function sortedAlternatives(lines) {
  const isAlternative = (line) => /^\s+(\w+): "\1";$/.test(line ?? '');
  const sorted = [...lines];
  for (let from = 0; from < sorted.length; from += 1) {
    if (!isAlternative(sorted[from])) continue;
    let to = from;
    while (isAlternative(sorted[to])) to += 1;
    sorted.splice(from, to - from, ...sorted.slice(from, to).sort());
    from = to;
  }
  return sorted;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
