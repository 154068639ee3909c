import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../../deploy/config/index.ts';
import type { Diagnosis, Patient } from '../../../deploy/doctor/patient.ts';
import type { Finding } from '../../../workflows/domain/finding.ts';

export const tempFolder = async (): Promise<string> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'gastown-doctor-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
};

/** A sound town that has never been open, in a folder of its own; `sections` take the place of its own. */
export const patientWith = async (
  sections: Record<string, unknown> = {},
  around: Partial<Omit<Patient, 'home'>> = {},
): Promise<Patient & { readonly home: string }> => {
  const folder = await tempFolder();
  const plain = {
    town: { name: 'mill', home: join(folder, 'home'), timeZone: 'UTC' },
    hosts: { desk: { kind: 'openai', url: 'http://127.0.0.1:9' } },
    models: { small: { name: 'tiny', context: 8_192, hosts: ['desk'] } },
    rigs: { app: { path: './app', gates: [{ name: 'test', run: 'true' }] } },
  };
  const file = join(folder, 'gastown.yaml');
  const surroundings = { env: {}, homedir: folder, timeZone: 'UTC' };
  const config = parseConfig(stringify({ ...plain, ...sections }), file, surroundings);
  const env = { HOME: folder };
  return { config, home: config.home, faults: [], record: undefined, open: false, env, ...around };
};

export const all = async <T>(found: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const one of found) list.push(one);
  return list;
};

/** Every finding that is not well has a way out (G10), and the worst comes last in the answer. */
export const worst = (findings: readonly (Finding | Diagnosis)[]): Finding => {
  for (const { level, fix, what } of findings)
    if (level !== 'ok' && fix === '') throw new Error(`no way out: ${what}`);
  const ill =
    findings.find(({ level }) => level === 'fail') ?? findings.find(({ level }) => level === 'warn');
  return ill ?? (findings.at(-1) as Finding);
};

/** A server over real HTTP on loopback, until the test ends. */
export const httpServer = async (
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
