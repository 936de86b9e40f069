// Root `version` lifecycle: lerna raises dependencies and devDependencies but leaves peerDependencies alone,
// so the peer ranges between our own packages are brought up to date here, in the same release commit.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const packages = readdirSync('packages').map((directory) => {
  const file = `packages/${directory}/package.json`;
  return { file, manifest: JSON.parse(readFileSync(file, 'utf8')) };
});
const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]));

const changed = packages.filter(({ file, manifest }) => {
  const peers = manifest.peerDependencies ?? {};
  const stale = Object.keys(peers).filter(
    (name) => versions.has(name) && peers[name] !== `^${versions.get(name)}`,
  );
  if (stale.length === 0) return false;
  for (const name of stale) peers[name] = `^${versions.get(name)}`;
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  return true;
});
if (changed.length > 0) execFileSync('git', ['add', ...changed.map(({ file }) => file)]);
