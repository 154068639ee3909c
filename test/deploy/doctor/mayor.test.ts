import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { checkMayor } from '../../../deploy/doctor/mayor.ts';
import type { Finding } from '../../../workflows/domain/finding.ts';
import { all, httpServer, patientWith, worst } from './patient.ts';

const key = 'sk-very-secret-0815';

/** A provider that answers `status` and `body`, and says the key back as some do. */
const look = async (
  provider: 'gemini' | 'openai',
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  env: Record<string, string> = { MAYOR_KEY: key },
): Promise<Finding> => {
  const baseUrl = await httpServer(answer);
  const patient = await patientWith({
    roles: { mayor: { provider, model: 'planner-3', apiKeyEnv: 'MAYOR_KEY', baseUrl } },
    rigs: { app: { path: './app', gates: [{ name: 'test', run: 'true' }], cloud: 'plan' } },
  });
  const findings = await all(checkMayor({ ...patient, env: { ...patient.env, ...env } }));
  expect(JSON.stringify(findings)).not.toContain(key);
  return worst(findings);
};

const answering = (status: number, body: unknown) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

test('a key that is not set is named by its variable', async () => {
  expect(await look('gemini', answering(200, {}), {})).toMatchObject({
    level: 'fail',
    fix: expect.stringContaining('export MAYOR_KEY='),
  });
});

test('G9: a key that is refused is told and never shown, even where the provider says it back', async () => {
  const refusal = { error: { code: 400, message: `API key not valid: ${key}`, status: 'INVALID_ARGUMENT' } };
  expect(await look('gemini', answering(400, refusal))).toMatchObject({
    level: 'fail',
    what: expect.stringContaining('refuses the key in MAYOR_KEY'),
  });
  expect(await look('openai', answering(401, { error: { message: key } }))).toMatchObject({ level: 'fail' });
});

test('a model that is retired is ModelUnavailable', async () => {
  expect(await look('gemini', answering(404, { error: { code: 404, message: 'not found' } }))).toMatchObject({
    level: 'fail',
    what: expect.stringContaining('ModelUnavailable'),
    fix: expect.stringContaining('roles.mayor.model'),
  });
  expect(await look('openai', answering(200, { data: [{ id: 'planner-4' }] }))).toMatchObject({
    level: 'fail',
    evidence: expect.stringContaining('planner-4'),
  });
});

test('a good key and model, with the key in the header that the provider wants', async () => {
  const seen: (string | undefined)[] = [];
  const gemini = await look('gemini', (request, response) => {
    seen.push(request.url, String(request.headers['x-goog-api-key']));
    answering(200, { name: 'models/planner-3' })(request, response);
  });
  const openai = await look('openai', (request, response) => {
    seen.push(request.url, request.headers.authorization);
    answering(200, { data: [{ id: 'planner-3' }] })(request, response);
  });
  expect([gemini.level, openai.level]).toEqual(['ok', 'ok']);
  expect(seen).toEqual(['/v1/models/planner-3', key, '/v1/models', `Bearer ${key}`]);
});

test('429, a page of HTML, and nobody there', async () => {
  expect((await look('gemini', answering(429, {}))).what).toContain('no more calls');
  expect((await look('openai', (_, response) => response.end('<html>'))).what).toContain(
    'no OpenAI-compatible',
  );
  expect((await look('openai', (_, response) => response.destroy())).what).toContain('does not answer');
});

test('a mayor elsewhere that no rig may be shown to can plan for none', async () => {
  const patient = await patientWith({ roles: { mayor: { provider: 'gemini', model: 'm' } } });
  const findings = await all(checkMayor(patient));
  expect(findings.map(({ what }) => what)).toContainEqual(expect.stringContaining('can plan for none'));
});
