export { DashboardError } from './dashboard-error.js';
export { advanceRun, foldRun } from './model/advance-run.js';
export { type FailurePlace, failuresOf, type NodeFailure } from './model/failure.js';
export * from './model/run-view.js';
export { pageIsBuilt } from './page/built-page.js';
export { renderReport } from './report/render-report.js';
export type { RunSource } from './run-source.js';
export { type Dashboard, serveDashboard, type ServeDashboardOptions } from './server/serve-dashboard.js';
