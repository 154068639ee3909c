import { type Finding, isIll, isPoor, isWell } from '../../workflows/domain/finding.ts';
import type { CloudMayor } from '../../workflows/domain/plan/mayor.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { type Diagnosis, isConfigured, type Patient } from './patient.ts';

const check = 'mayor';

/** The planner elsewhere: its key is there and good, its model exists. The key itself is never shown. */
export async function* checkMayor(patient: Patient): AsyncGenerator<Diagnosis> {
  if (!isConfigured(patient)) return;
  const { config, env } = patient;
  const { mayor } = config;
  if (mayor === undefined) {
    yield isWell(check, 'nobody plans: launch plans that you write yourself', 'roles.mayor is not set');
    return;
  }
  if (mayor.kind === 'own') {
    yield isWell(check, `the model ${mayor.model} of your own hosts plans`);
    return;
  }
  if (config.rigs.every(({ cloud }) => cloud === 'never'))
    yield isPoor(check, {
      what: 'The mayor is elsewhere, and no rig may be shown to it: it can plan for none.',
      evidence: `rigs.*.cloud is never in ${config.file}`,
      fix: 'Set cloud: plan for a rig whose outline may leave your machines, or let a model of your own plan',
    });
  yield await ask(mayor, env);
}

const ask = async (mayor: CloudMayor, env: Patient['env']): Promise<Finding> => {
  const { provider, model, apiKeyEnv } = mayor;
  const key = apiKeyEnv === undefined ? undefined : env[apiKeyEnv];
  if (apiKeyEnv !== undefined && (key === undefined || key === ''))
    return isIll(check, {
      what: `The environment variable ${apiKeyEnv} with the key of the mayor is not set.`,
      evidence: `roles.mayor: provider ${provider}, model ${model}`,
      fix: `export ${apiKeyEnv}=… in the shell that runs gt up; an open town: gt down, then gt up`,
    });
  const { url, headers } = questionTo(mayor, key);
  try {
    const answer = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(15_000) });
    const body = (await answer.text()).slice(0, 2 ** 20);
    const evidence = withoutKey(`GET ${url}: status ${answer.status}\n${oneLine(body, 300)}`, key);
    if (answer.ok) return known(mayor, url, body);
    return isIll(check, { ...meaning(answer.status, body, mayor), evidence });
  } catch (error) {
    const why = error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error);
    return isIll(check, {
      what: 'The mayor does not answer.',
      evidence: withoutKey(`GET ${url}: ${why.trim()}`, key),
      fix: 'Check the network, a proxy, and roles.mayor.baseUrl',
    });
  }
};

const questionTo = (
  { provider, model, baseUrl, apiVersion }: CloudMayor,
  key: string | undefined,
): { url: string; headers: Record<string, string> } =>
  provider === 'gemini'
    ? {
        url: `${baseUrl ?? 'https://generativelanguage.googleapis.com'}/${apiVersion}/models/${encodeURIComponent(model)}`,
        headers: key === undefined ? {} : { 'x-goog-api-key': key },
      }
    : { url: `${baseUrl}/v1/models`, headers: key === undefined ? {} : { authorization: `Bearer ${key}` } };

const known = ({ provider, model }: CloudMayor, url: string, body: string): Finding => {
  const names = provider === 'gemini' ? [model] : idsIn(body);
  const evidence = `GET ${url}`;
  if (names === undefined)
    return isIll(check, {
      what: 'What answers is no OpenAI-compatible server.',
      evidence: `${evidence}: ${oneLine(body, 200)}`,
      fix: 'Correct roles.mayor.baseUrl: the address without a path such as /v1',
    });
  if (names.includes(model)) return isWell(check, `${provider} knows ${model}; the key is good`, evidence);
  return isIll(check, {
    what: `The server does not list the model ${model}.`,
    evidence: `${evidence} lists ${
      names
        .slice(0, 10)
        .map((name) => oneLine(name, 60))
        .join(', ') || 'none'
    }`,
    fix: 'Correct roles.mayor.model',
  });
};

const idsIn = (body: string): string[] | undefined => {
  try {
    const { data } = JSON.parse(body) as { data?: { id?: unknown }[] };
    return Array.isArray(data) ? data.map(({ id }) => String(id)) : undefined;
  } catch {
    return;
  }
};

/** Gemini answers a bad key with 400. */
const meaning = (
  status: number,
  body: string,
  { provider, model, apiKeyEnv, apiVersion }: CloudMayor,
): { what: string; fix: string } => {
  if (status === 401 || status === 403 || /API_KEY_INVALID|API key not valid/i.test(body))
    return {
      what: `${provider} refuses the key${apiKeyEnv === undefined ? ': none is configured' : ` in ${apiKeyEnv}`}.`,
      fix:
        apiKeyEnv === undefined
          ? 'Name its variable as roles.mayor.apiKeyEnv'
          : `Correct the value of ${apiKeyEnv}`,
    };
  if (status === 404)
    return {
      what:
        provider === 'gemini'
          ? `ModelUnavailable: ${provider} has no model ${model}, or no longer.`
          : 'NotAModelServer: there is no list of models at roles.mayor.baseUrl.',
      fix:
        provider === 'gemini'
          ? `Correct roles.mayor.model, or roles.mayor.apiVersion (now ${apiVersion}; preview models need v1beta)`
          : 'Correct roles.mayor.baseUrl: the address without a path such as /v1',
    };
  if (status === 429)
    return {
      what: `${provider} takes no more calls for now.`,
      fix: 'Wait, or raise the quota of the account',
    };
  return { what: `${provider} fails with status ${status}.`, fix: 'Try again later' };
};

const withoutKey = (text: string, key: string | undefined): string =>
  key === undefined || key.length < 4 ? text : text.replaceAll(key, '***');
