import { CleanupStack, Secret } from '@turingpi/foundation';

const password = new Secret('correct horse battery');
console.log(`the password is ${password}`); // → the password is [secret]

const cleanup = new CleanupStack();
cleanup.defer('the light', () => console.log('light off'));
cleanup.defer('the door', () => console.log('door closed'));
console.log('at work'); // → at work
await cleanup[Symbol.asyncDispose]();
// → door closed
// → light off
