import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { isIll, isPoor, isWell } from '../../workflows/domain/finding.ts';
import { searchAttributes } from '../../workflows/domain/naming.ts';
import { type AdminStep, ensureNamespace, ensureSearchAttributes } from '../server/namespace.ts';
import { type Diagnosis, mendable } from './patient.ts';

const check = 'namespace';

/** The town's namespace: there, this home's, and with the search attributes that lists are filtered by. */
export async function* checkNamespace(
  client: Client,
  namespace: string,
  home: string,
): AsyncGenerator<Diagnosis> {
  const mend = (): Promise<string> => mendNamespace(client, namespace);
  const found = await client.workflowService.describeNamespace({ namespace }).catch((error: Error) => error);
  if (found instanceof Error) {
    const what = `There is no namespace ${namespace} yet, or this user may not see it.`;
    const fix = `temporal operator namespace create --namespace ${namespace} --retention 30d`;
    yield mendable(isPoor(check, { what, evidence: found.message, fix }), mend);
    return;
  }
  const owner = found.namespaceInfo?.data?.['gastownHome'] ?? '';
  const own = (await readFile(join(home, 'home.id'), 'utf8').catch(() => '')).trim();
  if (owner !== '' && owner !== own)
    yield isIll(check, {
      what: `The namespace ${namespace} belongs to a town with another home.`,
      evidence: `it says gastownHome=${owner}; ${home} is ${own === '' ? 'new' : own}`,
      fix: 'Give this town another name (town.name) or another temporal.namespace in gastown.yaml',
    });
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  const missing = searchAttributes.filter((name) => !Object.hasOwn(customAttributes ?? {}, name));
  if (missing.length === 0) {
    yield isWell(check, `${namespace}, with all search attributes`);
    return;
  }
  const names = missing.map((name) => `--name ${name} --type Keyword`).join(' ');
  const fix = `temporal operator search-attribute create --namespace ${namespace} ${names}`;
  const what = 'Search attributes are missing. The town works without them; lists are then less handy.';
  yield mendable(isPoor(check, { what, evidence: `${namespace} lacks ${missing.join(', ')}`, fix }), mend);
}

const mendNamespace = async (client: Client, namespace: string): Promise<string> => {
  for (const ensure of [ensureNamespace, ensureSearchAttributes]) {
    const step: AdminStep = await ensure(client, namespace);
    if (step !== undefined) throw new Error(`${step.why}; an administrator has to run: ${step.command}`);
  }
  return `the namespace ${namespace} is there, with its search attributes`;
};
