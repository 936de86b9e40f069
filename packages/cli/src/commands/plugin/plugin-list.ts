import path from 'node:path';
import { inspectPlugins } from '@turingpi/core';
import { configFileIn } from '../../cluster/config-file-in.js';
import { findConfigFile, openCluster } from '../../cluster/open-cluster.js';
import { COMMANDS } from '../../plugin/commands.js';
import { PROGRAM_DIR } from '../../process/program-dir.js';
import { EXIT } from '../../process/exit-codes.js';
import type { Terminal } from '../../process/terminal.js';
import { printableLines } from '../../render/printable.js';
import { renderTable } from '../../render/table.js';

/** `turingpi plugin list`: what was found, from where, with versions. Works without a configuration as well. */
export async function pluginList(
  options: { readonly config?: string; readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const { discovery, registry } = await discover(options.config, terminal);
  const rows = discovery.plugins.map(({ plugin, source, manifest }) => {
    const brings = registry.extensions.contributionsOf(plugin);
    return {
      name: plugin.name,
      version: manifest?.version ?? plugin.version ?? '',
      api: plugin.apiVersion,
      source,
      from: manifest?.directory ?? '',
      brings,
      services: plugin.services?.length ?? 0,
    };
  });
  const failures = discovery.failures.map(({ name, source, error }) => ({
    name,
    source,
    code: error.code,
    message: error.message,
  }));
  if (options.json === true) {
    terminal.stdout.write(`${JSON.stringify({ plugins: rows, failures })}\n`);
    return EXIT.ok;
  }
  const titles = new Map(registry.extensions.points.map(({ key, title }) => [key, title]));
  const lines = rows.map(({ name, version, api, source, from, brings, services }) => {
    const list = [
      ...Object.entries(brings).flatMap(([key, ids]) =>
        ids.length === 0 ? [] : [`${titles.get(key) ?? key} ${ids.join(', ')}`],
      ),
      ...(services > 0 ? [`${services} service${services === 1 ? '' : 's'}`] : []),
    ];
    return [name, version, String(api), list.join('; '), source, path.relative(terminal.cwd, from) || from];
  });
  const head = ['plugin', 'version', 'api', 'brings', 'found as', 'in'];
  terminal.stdout.write(renderTable(head, lines, terminal.stdout.columns));
  for (const { name, code, message } of failures)
    terminal.stdout.write(`not usable: ${printableLines(`${name}: ${code}: ${message}`)}\n`);
  return EXIT.ok;
}

async function discover(configFile: string | undefined, terminal: Terminal) {
  if (configFile !== undefined || configFileIn(terminal.cwd) !== undefined) {
    await using opened = await openCluster(findConfigFile(configFile, terminal.cwd), terminal, {
      ...{ anyBoard: true, withoutSecrets: true },
    });
    return { discovery: opened.cluster.plugins, registry: opened.cluster.registry };
  }
  return inspectPlugins({
    projectDir: terminal.cwd,
    programDir: PROGRAM_DIR,
    extensionPoints: [COMMANDS],
  });
}
