import { planNetwork, renderNetplan } from '@turingpi/linux';

const plan = planNetwork({
  hostname: 'node1',
  ipCidr: '192.168.1.101/24',
  gateway: '192.168.1.1',
  dnsServers: ['192.168.1.1'],
});
const text = renderNetplan(plan, 'networkd');
console.log(text.includes('192.168.1.101/24')); // → true
