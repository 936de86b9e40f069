// Makes one file of the workflows of fleets, packages/fleet-temporal/dist/bundled-workflows.json, so that no controller does at
// its start. Part of `npm run build`, and of publishing.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = path.resolve(import.meta.dirname, '..');
const WORKER = path.join(ROOT, 'packages/fleet-temporal/dist/worker');
const MAP = /(?<=\/\/# sourceMappingURL=data:application\/json[^,]*,).*/;

const { keptWorkflows, keptWorkflowsFile, packagesNow } = await load('kept-workflows.js');
if ((await keptWorkflows()) === undefined) {
  const { bundleAnew } = await load('bundle-workflows.js'); // slow to load
  const { code } = await bundleAnew();
  const kept = { madeOf: await packagesNow(), code: withoutPlaces(code) };
  writeFileSync(keptWorkflowsFile(), JSON.stringify(kept));
}

function load(name) {
  return import(pathToFileURL(path.join(WORKER, name)).href);
}

/** Without the folder in which it was made, and without the sources, which are published beside it. */
function withoutPlaces(code) {
  const light = code.replace(MAP, (base64) => {
    const map = JSON.parse(Buffer.from(base64, 'base64').toString());
    delete map.sourcesContent;
    map.sources = map.sources.map((source) => source.replaceAll(`${ROOT}${path.sep}`, ''));
    return Buffer.from(JSON.stringify(map)).toString('base64');
  });
  return light.replaceAll(`${ROOT}${path.sep}`, '');
}
