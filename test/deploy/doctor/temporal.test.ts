import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { examine } from '../../../deploy/doctor/examine.ts';
import { checkTemporal } from '../../../deploy/doctor/temporal.ts';
import { connectClient, plainCluster } from '../../../deploy/server/connect.ts';
import { ensureHomeId } from '../../../deploy/town/homeId.ts';
import { claimNamespace } from '../../../deploy/town/namespaceClaim.ts';
import { freshNamespace } from '../../support/cluster.ts';
import { all, patientWith, worst } from './patient.ts';

const settled = { limits: { minFreeGiB: 0 } };

test('--fix makes the namespace with its search attributes; then both are well', async () => {
  const address = inject('temporalAddress');
  const namespace = `gastown-doctor-${process.pid}`;
  const patient = await patientWith({ ...settled, temporal: { address, namespace } });
  const before = await all(checkTemporal(patient));
  expect(worst(before)).toMatchObject({ check: 'namespace', level: 'warn', fixable: true });
  expect(worst(before).fix).toContain(`temporal operator namespace create --namespace ${namespace}`);

  const mended = [];
  for await (const finding of examine(patient, { thorough: false, fix: true })) {
    mended.push(finding);
    if (finding.check === 'namespace') break;
  }
  expect(mended.at(-1)).toMatchObject({ level: 'ok', what: expect.stringContaining('mended') });
  expect(worst(await all(checkTemporal(patient)))).toMatchObject({ check: 'namespace', level: 'ok' });
});

test('a namespace of another home is refused by name', async () => {
  const { address, namespace, client } = await freshNamespace();
  await client.connection.close();
  const patient = await patientWith({ ...settled, temporal: { address, namespace } });
  await ensureHomeId(patient.home);
  const owner = await connectClient(plainCluster(address, namespace));
  await claimNamespace(owner, namespace, 'ffffffffffffffffffffffff');
  await owner.connection.close();
  expect(worst(await all(checkTemporal(patient)))).toMatchObject({
    check: 'namespace',
    level: 'fail',
    evidence: expect.stringContaining('gastownHome=ffff'),
  });
});

test('a server that does not answer', async () => {
  const patient = await patientWith({ temporal: { address: '127.0.0.1:9' } });
  expect(worst(await all(checkTemporal(patient)))).toMatchObject({ check: 'temporal', level: 'fail' });
});

test('no temporal program on the machine is a warning, since gt up gets one; one that is none is told as such', async () => {
  const patient = await patientWith();
  const bare = { ...patient, env: { ...patient.env, PATH: '/nonexistent' } };
  expect(worst(await all(checkTemporal(bare)))).toMatchObject({ level: 'warn' });
  const impostor = join(patient.home, '..', 'temporal');
  await writeFile(impostor, '#!/bin/sh\necho nonsense\n', { mode: 0o755 });
  const fooled = { ...bare, env: { ...bare.env, TEMPORAL_CLI_PATH: impostor } };
  expect(worst(await all(checkTemporal(fooled))).evidence).toContain('no Temporal command line');
});
