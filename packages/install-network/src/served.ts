/** Images as nodes get them over the network, and what runs on a node: for whoever serves or simulates them by other means. */
export { renderCurlConfig } from './installer-image/installer-settings.js';
export { INSTALL_SCRIPT } from './node-script/install-script.js';
export { Admission, type DiskApproval, type DiskAtNode, type NodeSign } from './server/admission.js';
export { ImageServer, type ImageServerOptions } from './server/image-server.js';
export type { PlannedParcel } from './served/render-plan.js';
export { type NodePlan, ServedImage, type ServedParcel } from './served/served-image.js';
