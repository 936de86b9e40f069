import { telemetryPlugin } from './telemetry-plugin.js';

export { type TelemetryOptions, telemetryPlugin } from './telemetry-plugin.js';

export default telemetryPlugin();
