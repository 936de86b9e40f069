import { emptyReply, type Reply } from '../http/reply.js';

/**
 * Port 9110 of the fork: `/metrics` as plain text, without a login (docs/reference/bmc-protocol.md, "Fork: identity").
 */
export function metricsPage(daemonVersion: string, path: string): Reply {
  if (path !== '/metrics') return emptyReply(404);
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; version=0.0.4' },
    body: `# HELP bmcd_build_info Version of the daemon\n# TYPE bmcd_build_info gauge\nbmcd_build_info{version="${daemonVersion}"} 1\n`,
  };
}
