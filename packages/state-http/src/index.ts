import { httpStatePlugin } from './http-state-plugin.js';

export { type HttpStateRequest, openHttpState } from './open-http-state.js';
export { StateServer, type StateServerOptions } from './server/state-server.js';
export { type HttpSettings, httpSettings } from './settings.js';
export { httpStatePlugin };
export default httpStatePlugin;
