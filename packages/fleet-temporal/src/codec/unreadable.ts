/** What says in clear that somebody could not read what was handed over. */
export const UNREADABLE = 'FLEET_PAYLOAD_UNREADABLE';
