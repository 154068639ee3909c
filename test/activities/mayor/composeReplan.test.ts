import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createBlobs } from '../../../activities/ledger/blobs.ts';
import { createReplanning } from '../../../activities/mayor/composeReplan.ts';
import type { MayorDeps } from '../../../activities/mayor/index.ts';
import { gitRef } from '../../../workflows/domain/naming.ts';
import type { MayorSettings } from '../../../workflows/domain/plan/mayor.ts';
import type { RigSettings } from '../../../workflows/domain/rig.ts';
import { tempHome, tempRepo } from '../../support/repo.ts';
import { beadRef, failureOf, rigSettings } from '../rig/town.ts';

const own: MayorSettings = { kind: 'own', model: 'big', callTimeoutMs: 1_000 };
const elsewhere: MayorSettings = {
  kind: 'cloud',
  provider: 'gemini',
  model: 'gemini-x',
  baseUrl: undefined,
  apiVersion: 'v1',
  apiKeyEnv: undefined,
  maxTokens: 1_000,
  callTimeoutMs: 1_000,
};

/** What the mayor is asked for a bead whose last try is kept, as the rig's `cloud` allows. */
const asked = async (mayor: MayorSettings, cloud: RigSettings['cloud']): Promise<string> => {
  await using repo = await tempRepo({ bare: true, files: { 'src/a.txt': 'a\n' } });
  await using home = await tempHome();
  const blobs = createBlobs(home.blobs);
  const ref = beadRef('hard');
  await repo.git('update-ref', gitRef.target('main'), await repo.revParse('main'));
  await repo.git('update-ref', gitRef.bead(ref), await repo.revParse('main'));
  const head = await repo.commitTo('gt/c/e/hard', { 'src/tried.txt': 'tried\n' }, 'Try');
  await repo.git('update-ref', gitRef.kept(ref, 'closed-1'), head);
  await repo.git('update-ref', '-d', gitRef.bead(ref));
  const settings = { ...rigSettings(repo.path), cloud };
  const signal = new AbortController().signal;
  const deps = { home, blobs } as unknown as MayorDeps;
  const { composeReplan } = createReplanning(deps, () => ({
    ...{ settings, home, blobs, signal, repo: repo.path },
    gates: undefined as never,
  }));
  const task = 'Do what is hard.\u001b[31m\n';
  const taskRef = await blobs.put(task);
  expect(taskRef).toBe(createHash('sha256').update(task).digest('hex'));
  const { epicRef } = await composeReplan({
    ...{ convoy: 'c', ref, rig: 'r', target: 'main', title: 'Hard', taskRef, mayor },
    failure: {
      type: 'AttemptsExhausted',
      what: '3 tries failed.',
      evidence: 'GateRed: test: line of a file',
      next: '',
    },
    others: [{ bead: 'after', title: 'After it', state: 'held' }],
  });
  return await blobs.get(epicRef);
};

test('the mayor gets the task, why it stopped, what was tried and the other beads, without terminal escapes', async () => {
  const text = await asked(own, 'never');
  for (const part of [
    'Do what is hard.',
    'AttemptsExhausted',
    'line of a file',
    'src/tried.txt',
    'after (held)',
  ])
    expect(text).toContain(part);
  expect(text).not.toContain('\u001b');
});

test('G9: elsewhere, output of gates leaves only where whole files may, and nothing at all where cloud is never', async () => {
  expect(await asked(elsewhere, 'all')).toContain('line of a file');
  const outline = await asked(elsewhere, 'plan');
  expect(outline).toContain('src/tried.txt');
  expect(outline).not.toContain('line of a file');
  expect(await failureOf(asked(elsewhere, 'never'))).toMatchObject({ type: 'CloudForbidden' });
});
