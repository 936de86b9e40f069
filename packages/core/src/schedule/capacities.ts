/** Sessions with nodes at once: more than four boards have nodes, and no load for this computer. */
const SSH_SESSIONS = 16;

/** How many may have a resource at once. Of the slots of boards, and of work on images, there is one each. */
export function capacityOf(resource: string): number {
  return resource === 'ssh' ? SSH_SESSIONS : 1;
}
