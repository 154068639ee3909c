import { matchesEntry, plainHost } from '../../../workflows/domain/sandbox/network.ts';

/** The proxy by which this machine itself reaches the world. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
  /** `Proxy-Authorization`, which stays out here. */
  readonly authorization: string | undefined;
}

/** What the worker's environment says for a host; undefined: straight on. Only proxies that speak plain HTTP are known. */
export const upstreamFor = (
  protocol: 'http' | 'https',
  host: string,
  port: number,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Upstream | undefined => {
  const written = first(env, `${protocol}_proxy`) ?? first(env, 'all_proxy');
  if (written === undefined || isExempt(first(env, 'no_proxy') ?? '', host, port)) return undefined;
  const url = URL.parse(written.includes('://') ? written : `http://${written}`);
  if (url?.protocol !== 'http:') return undefined;
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    host: plainHost(url.hostname),
    port: Number(url.port || 80),
    authorization: user === ':' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`,
  };
};

/** The header by which that proxy knows us. */
export const authorized = ({ authorization }: Upstream): Record<string, string> =>
  authorization === undefined ? {} : { 'proxy-authorization': authorization };

const first = (env: Readonly<Record<string, string | undefined>>, name: string): string | undefined =>
  [env[name], env[name.toUpperCase()]].find((value) => value !== undefined && value !== '');

/** As curl reads NO_PROXY: `*`, or names that also mean all names below them. */
const isExempt = (list: string, host: string, port: number): boolean =>
  list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const name = entry.replace(/^\*?\./, '');
      const [bare = '', ownPort] = name.split(/:(?=\d+$)/);
      const exact = `${bare}:${ownPort ?? port}`;
      return entry === '*' || matchesEntry(exact, host, port) || matchesEntry(`*.${exact}`, host, port);
    });
