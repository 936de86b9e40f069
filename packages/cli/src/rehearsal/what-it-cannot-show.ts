/** What a rehearsal says nothing about, one sentence each. */
export const WHAT_A_REHEARSAL_CANNOT_SHOW: readonly string[] = [
  'the real board and modules: their power, their storage, how they go into USB boot, and how long it takes',
  'whether the image boots: simulated nodes do at their first boot what cloud-init and our own first-boot service are told to, and start no kernel',
  'programs on nodes: commands are those of a small simulated system, packages count as installed, services as started',
  'your network: addresses, gateway, name servers and VLANs are written into the image, and nothing is sent to them',
  '`hooks` and `healthy`: they are about nodes that do work, and are not run',
  'what is on your nodes now: every simulated one is empty, and is installed anew',
];
