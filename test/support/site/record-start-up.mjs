// Given to a process with `--import`: notes which files it loads and where it connects to, one a line, in the file that
// TURINGPI_TEST_START_UP names.
import { appendFileSync } from 'node:fs';
import { Module, register } from 'node:module';
import { Socket } from 'node:net';

const file = process.env['TURINGPI_TEST_START_UP'];
const note = (line) => appendFileSync(file, `${line}\n`);

const hooks = `
  import { appendFileSync } from 'node:fs';
  export async function load(url, context, next) {
    appendFileSync(${JSON.stringify(file)}, 'load ' + url + '\\n');
    return next(url, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const { connect } = Socket.prototype;
Socket.prototype.connect = function recorded(...parameters) {
  note('connect');
  return connect.apply(this, parameters);
};
process.on('exit', () => {
  for (const name of Object.keys(Module._cache)) note(`load ${name}`);
});
