/** Every page of the documentation, by what somebody wants who opens it. A page that is missing here fails a test. */
export const SIDEBAR = [
  { text: 'Begin', pages: ['index', 'getting-started', 'kubernetes', 'virtual-board'] },
  {
    text: 'By task',
    pages: [
      ...['board-commands', 'planning', 'erasing', 'actions', 'nodes', 'images', 'runs', 'watching', 'state'],
      ...[
        'command-line',
        'several-boards',
        'postgres',
        'state-over-https',
        'shared-images',
        'network-installation',
        'telemetry',
        'writing-a-plugin',
        'libraries/image',
        'libraries/bmc',
      ],
    ],
  },
  {
    text: 'Fleets',
    pages: [
      'fleet/tutorial',
      'fleet/rolling-out',
      'fleet/security',
      'fleet/contract',
      'fleet/temporal',
      'fleet/scale',
    ],
  },
  { text: 'When something is wrong', pages: ['troubleshooting', 'faq', 'errors', 'hardware-checklist'] },
  {
    text: 'Reference',
    pages: [
      ...['configuration', 'operating-systems', 'phases', 'fork-firmware'],
      ...['reference/command', 'reference/bmc-protocol', 'reference/images'],
    ],
  },
  {
    text: 'Why and how',
    pages: ['security-model', 'comparison', 'not-proven', 'architecture', 'decisions/README'],
  },
];
