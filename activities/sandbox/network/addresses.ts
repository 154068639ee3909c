import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * Where an address leads, as a refusal says it; undefined for those outside. Inside is what IANA keeps for private and
 * special use, in every spelling that the kernel takes for it (an IPv4 address inside an IPv6 one); what this machine calls
 * its own, public or not, since its services listen there too; and the nets that it is a member of. The nets for examples
 * and benchmarks count as outside: no service of a house is there, but programs that redirect a machine's traffic
 * answer every name with one of their addresses.
 */
export const specialPlace = (address: string): string | undefined => {
  const family = isIP(address);
  if (family === 0) return 'is no address';
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  if (own.check(address, kind) || isOwnInterface(address)) return 'is this machine';
  if (linkLocal.check(address, kind)) return 'is a link-local address';
  if (inside.check(address, kind) || ownNets().check(address, kind)) return 'is a private address';
  const isSpecial = special.check(address, kind) || (family === 6 && specialV6.check(address, kind));
  return isSpecial ? 'is no public address' : undefined;
};

const listOf = (...subnets: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', bits = ''] = subnet.split('/');
    list.addSubnet(network, Number(bits), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
};

// The first and the last of these reach the loopback of Linux, too.
const own = listOf('127.0.0.0/8', '::1/128', '0.0.0.0/8', '::/128');
const linkLocal = listOf('169.254.0.0/16', 'fe80::/10');
const inside = listOf(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'fec0::/10',
);
const special = listOf('192.0.0.0/24', '192.88.99.0/24', '224.0.0.0/4', '240.0.0.0/4');
// Of IPv6 only what is handed out for the public net, less what carries an IPv4 address or is for examples. Apart, since an IPv4
// address counts as one of ::ffff:0:0/96.
const specialV6 = listOf(
  ...['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
);

const isOwnInterface = (address: string): boolean => {
  const bare = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === bare));
};

const ownNets = (): BlockList => {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return listOf(...addresses.map(({ cidr }) => cidr).filter((cidr) => cidr !== null));
};
