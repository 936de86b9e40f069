/** A screen without what differs from run to run: addresses of simulated boards, keys, times, durations and rates. */
export function masked(screen: string): string {
  return (
    screen
      .replaceAll(/sha256 Fingerprint=[^]*?(?=\nCompare)/g, 'KEYS')
      .replaceAll(/\/\S*\/turingpi-site-\w+/g, '/site')
      .replaceAll(/\b\d{8}T\d{6}\w*(-\w+)*/g, 'RUN')
      .replaceAll(/\b\d{4}-\d{2}-\d{2}\b/g, 'DATE')
      .replaceAll(/\b\d{1,2}:\d{2}(:\d{2})?\b/g, 'TIME')
      .replaceAll(/(?<=127\.0\.0\.1:)\d+/g, 'PORT')
      .replaceAll(/\b\d+(\.\d+)? (ms|s|min|h)\b( \d+ s\b)?/g, '# s')
      // What stands behind them in a column stands elsewhere then.
      .replaceAll(/(?<=\S) {2,}/g, '  ')
      .concat('\n')
  );
}
