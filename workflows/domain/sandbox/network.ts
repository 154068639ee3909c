/**
 * What a rig's commands may reach. `false`: nothing but a loopback of their own. `true`: public hosts, by HTTP and HTTPS.
 * A list: those hosts alone, in the same way. `host`: the network of the machine as it is, its own services included.
 */
export type NetworkRule = boolean | 'host' | readonly string[];

/** One entry of the list. */
export interface AllowedHost {
  /** A name, `*.` and a name (every name below it), `*` (every public one), or an address. Lower case, without brackets. */
  readonly host: string;
  /** Undefined: the ports of HTTP and HTTPS. */
  readonly port: number | undefined;
}

/** Ports of an entry that names none. */
export const webPorts: readonly number[] = [80, 443];

/** Reads `example.org`, `*.example.org:8443`, `10.0.0.5:4873` or `[fd00::2]:80`; undefined for what is none of them. */
export const allowedHostOf = (entry: string): AllowedHost | undefined => {
  const [, host, digits] = /^(\[[0-9a-f:.]+\]|[^\s:[\]/@]+)(?::(\d{1,5}))?$/i.exec(entry) ?? [];
  if (host === undefined) return undefined;
  const name = plainHost(host);
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const isAddress = host.startsWith('[');
  return isAddress || name === '*' || isHostName(name.replace(/^\*\./, ''))
    ? { host: name, port }
    : undefined;
};

/** Whether an entry of the list means this host and port. */
export const matchesEntry = (entry: string, host: string, port: number): boolean => {
  const allowed = allowedHostOf(entry);
  if (allowed === undefined) return false;
  if (allowed.port === undefined ? !webPorts.includes(port) : allowed.port !== port) return false;
  if (allowed.host === '*') return true;
  const name = plainHost(host);
  // The dot is part of what must match: *.example.org is neither example.org nor badexample.org.
  return allowed.host.startsWith('*.') ? name.endsWith(allowed.host.slice(1)) : name === allowed.host;
};

/** Whether the rule lets a host be asked for at all; where its name leads is looked at apart. */
export const isAllowed = (rule: NetworkRule, host: string, port: number): boolean =>
  typeof rule === 'object' ? rule.some((entry) => matchesEntry(entry, host, port)) : rule !== false;

/** Whether an entry says this very host, without a wildcard: only so may it be one that is not public. */
export const isNamedLiterally = (rule: NetworkRule, host: string, port: number): boolean =>
  typeof rule === 'object' && rule.some((entry) => !entry.startsWith('*') && matchesEntry(entry, host, port));

/** Services of this machine that the list names, `localhost:5432`: the sandbox has a listener of its own for each. */
export const ownServices = (rule: NetworkRule): readonly string[] =>
  typeof rule === 'object'
    ? [...new Set(rule.filter((entry) => /^(?:localhost|127\.0\.0\.1|\[::1\]):\d+$/i.test(entry)))]
    : [];

/** The rule in a few words. */
export const networkWords = (rule: NetworkRule): string => {
  if (rule === false) return 'no network';
  if (rule === true) return 'public hosts by HTTP and HTTPS';
  return rule === 'host'
    ? 'the network of this machine'
    : `by HTTP and HTTPS ${rule.join(', ') || 'no host'}`;
};

/** As hosts are compared. */
export const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

/** A name or a dotted address; others are percent-encoded or no hosts at all. */
export const isHostName = (name: string): boolean =>
  name.length <= 253 &&
  /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/.test(name);
