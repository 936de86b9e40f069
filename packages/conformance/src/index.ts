export { actionCases } from './action/action-cases.js';
export type { ActionSubject, WrongStep } from './action/action-subject.js';
export { commandCases, type CommandSubject, type EndedCommand } from './command/command-cases.js';
export { configKeyCases, type ConfigKeySubject } from './configuration/config-key-cases.js';
export { boardCases } from './board/board-cases.js';
export type { BoardSubject, OpenedBoard } from './board/board-subject.js';
export type { ConformanceCase } from './conformance-case.js';
export { describeFiles, type FileDescription } from './image/describe-files.js';
export { imageBackendCases } from './image/image-backend-cases.js';
export type { ImageBackendSubject } from './image/image-backend-subject.js';
export { imageEscapeCases } from './image/image-escape-cases.js';
export { operatingSystemCases } from './system/operating-system-cases.js';
export type {
  AskedOfSystem,
  OperatingSystemSubject,
  WrongRequest,
} from './system/operating-system-subject.js';
export type { CommandInProject, ConformanceSubjects } from './runner/conformance-subjects.js';
export { strategyCases } from './strategy/strategy-cases.js';
export type { OpenedStrategy, StrategySubject } from './strategy/strategy-subject.js';
export { stateStoreCases } from './state/state-store-cases.js';
export type { OpenedState, StateStoreSubject } from './state/state-store-subject.js';
