export { LoopBackend, type LoopHost } from './loop-backend.js';
