export { actionCases } from './action-cases.js';
export type { ActionSubject, WrongStep } from './action-subject.js';
export type { ConformanceCase } from './conformance-case.js';
export { describeFiles, type FileDescription } from './describe-files.js';
export { imageBackendCases } from './image-backend-cases.js';
export type { ImageBackendSubject } from './image-backend-subject.js';
export { imageEscapeCases } from './image-escape-cases.js';
export { strategyCases } from './strategy-cases.js';
export type { OpenedStrategy, StrategySubject } from './strategy-subject.js';
