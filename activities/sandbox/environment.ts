import { existsSync } from 'node:fs';
import type { Toolchains } from './toolchains.ts';

/**
 * The whole environment of a sandboxed command: an allow-list, so that no key, token or agent socket of the worker
 * gets in (G9). With the network come proxies, certificates and registries, but no address that has a password in it.
 */
export const scrubbedEnv = (request: {
  readonly home: string;
  readonly tmp: string;
  readonly toolchains: Toolchains;
  readonly network: boolean;
  /** The only way out, where there is one. */
  readonly proxy: string | undefined;
  readonly extra: Readonly<Record<string, string>>;
}): Record<string, string> => ({
  PATH: request.toolchains.path.join(':'),
  HOME: request.home,
  TMPDIR: request.tmp,
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  TERM: 'dumb',
  NO_COLOR: '1',
  CI: '1',
  SHELL: '/bin/sh',
  // The repository is read-only in there; git status must not try to refresh its index.
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  ...request.toolchains.env,
  ...(request.network ? networkEnv() : {}),
  ...(request.proxy === undefined ? {} : proxyEnv(request.proxy)),
  ...request.extra,
});

const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);
const registries = ['npm_config_registry', 'PIP_INDEX_URL', 'GOPROXY', 'GOSUMDB', 'UV_INDEX_URL'];
const certificates = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE'];
const moreCertificates = [
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'PIP_CERT',
  'CARGO_HTTP_CAINFO',
  'AWS_CA_BUNDLE',
];

/** In the words of curl, git, npm, pip, cargo and Go; of Node; and of Java, which reads none of them. */
const proxyEnv = (proxy: string): Record<string, string> => {
  const { hostname, port } = new URL(proxy);
  const java = ['http', 'https'].map((name) => `-D${name}.proxyHost=${hostname} -D${name}.proxyPort=${port}`);
  const both = (name: string, value: string) => ({ [name]: value, [name.toLowerCase()]: value });
  return {
    ...both('HTTP_PROXY', proxy),
    ...both('HTTPS_PROXY', proxy),
    ...both('NO_PROXY', 'localhost,.localhost,127.0.0.1,0.0.0.0,::1'),
    NODE_USE_ENV_PROXY: '1',
    JAVA_TOOL_OPTIONS: java.join(' '),
  };
};

const networkEnv = (): Record<string, string> =>
  Object.fromEntries([
    ...given([...proxies, ...registries]).filter(([, value]) => !value.includes('@')),
    ...given([...certificates, ...moreCertificates]),
  ]);

/** Certificate files that a command with network must be able to read wherever they are. */
export const certificateFiles = (): string[] =>
  given([...certificates, ...moreCertificates])
    .map(([, path]) => path)
    .filter((path) => path.startsWith('/') && existsSync(path));

const given = (names: readonly string[]): [string, string][] =>
  names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined || value === '' ? [] : [[name, value]];
  });
