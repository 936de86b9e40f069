/**
 * The figures that may stand on pages as somebody typed them, by what they are and by page; `*` is all that a page has. What
 * our programs achieve is none of these: it comes from a benchmark.
 */
export const TYPED_FIGURES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'limits and times that the code keeps': {
    'docs/board-commands.md': ['120 s'],
    'docs/command-line.md': ['5 MB'],
    'docs/decisions/leases.md': ['10 s', '45 s'],
    'docs/decisions/network-installer.md': ['8 MiB'],
    'docs/decisions/process-lock.md': ['10 s', '15 s', '5 s'],
    'docs/errors.md': ['256 MiB'],
    'docs/images.md': [
      '1 MiB',
      '128 KiB',
      '128 MiB',
      '2 GiB',
      '20 GB',
      '256 GiB',
      '4 MB',
      '4 MiB',
      '512 MiB',
    ],
    'docs/fleet/rolling-out.md': ['90 s'],
    'docs/fleet/scale.md': ['2 MB'],
    'docs/fleet/temporal.md': ['2 MB', '75 s'],
    'docs/network-installation.md': ['10 minutes', '5 minutes', '70 MB'],
    'docs/phases.md': ['10 s', '20 s', '45 seconds'],
    'docs/planning.md': ['20 seconds', '60 seconds'],
    'docs/postgres.md': ['30 s', '36 s'],
    'docs/state-over-https.md': ['36 s'],
    'docs/state.md': ['64 MiB'],
    'docs/telemetry.md': ['3 s', '90 s'],
  },
  'the board, formats and programs of others': {
    'docs/decisions/why-not-ansible-underneath.md': ['*'],
    'docs/faq.md': ['3 MB/s', '7 MB/s'],
    'docs/hardware-checklist.md': ['15 s', '20 MB/s'],
    'docs/kubernetes.md': ['3s'],
    'docs/reference/bmc-protocol.md': ['*'],
    'docs/reference/images.md': ['*'],
    'docs/troubleshooting.md': ['3 MB/s', '7 MB/s'],
  },
  'measured once, before a decision that the page tells of': {
    'docs/decisions/bundled-command.md': ['14 times as'],
    'docs/decisions/own-ext4.md': ['*'],
    'docs/decisions/own-xz-splice.md': ['*'],
  },
};
