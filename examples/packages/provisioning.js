import { lineInText, loadCatalog, OWN_CATALOG } from '@turingpi/provisioning';

const hosts = '127.0.0.1 localhost\n192.168.1.4 nas\n';
process.stdout.write(lineInText(hosts, { line: '192.168.1.5 nas', match: 'nas$' }));
// → 127.0.0.1 localhost
// → 192.168.1.5 nas

const { images } = await loadCatalog(OWN_CATALOG, { signal: AbortSignal.timeout(10_000) });
console.log(images.some(({ os }) => os === 'ubuntu')); // → true
