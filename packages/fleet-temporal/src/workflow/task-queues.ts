/** The queue of the controller. */
export const FLEET_QUEUE = 'fleet';

/** The queues of a site, one for each step: an agent takes from each as much as the site may do at a time. */
export function queueOf(site: string, step: 'image' | 'install' | 'post'): string {
  return `site.${site}.${QUEUE_NAMES[step]}`;
}

const QUEUE_NAMES = { image: 'build', install: 'flash', post: 'post' } as const;
