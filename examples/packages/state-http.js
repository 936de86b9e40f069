import { httpSettings, openHttpState } from '@turingpi/state-http';

try {
  await openHttpState({
    settings: httpSettings.parse({ url: 'https://127.0.0.1:9', ca: 'ca.crt', cert: 'me.crt', key: 'me.key' }),
    stateFile: '/lab.json',
    baseDir: '/nowhere',
  });
} catch (error) {
  // Without certificates nobody is asked.
  console.log(error.code); // → CONFIG_INVALID
}
