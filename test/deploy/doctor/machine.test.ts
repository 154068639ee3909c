import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../../../deploy/config/index.ts';
import { checkClock } from '../../../deploy/doctor/clock.ts';
import { checkConfiguration } from '../../../deploy/doctor/configuration.ts';
import { checkDisk } from '../../../deploy/doctor/disk.ts';
import { checkHome } from '../../../deploy/doctor/home.ts';
import { checkNotifications } from '../../../deploy/doctor/notifications.ts';
import { checkPorts } from '../../../deploy/doctor/ports.ts';
import { checkPrograms } from '../../../deploy/doctor/programs.ts';
import { InputRejected } from '../../../deploy/input/rejected.ts';
import { readRecord, type TownRecord, writeRecord } from '../../../deploy/town/record.ts';
import { all, httpServer, patientWith, worst } from './patient.ts';

const record: TownRecord = {
  ...{ name: 'mill', namespace: 'gastown-mill', address: '127.0.0.1:17233', uiUrl: undefined },
  ...{ homeId: 'h', config: undefined, version: 'v', startedAt: '2026-01-01T00:00:00.000Z' },
  ...{ state: 'open', pids: [] },
};

test('node and git of this machine are well, and told with their versions', async () => {
  const findings = await all(checkPrograms());
  expect(findings.map(({ check, level }) => `${check} ${level}`)).toEqual(['node ok', 'git ok']);
});

describe('configuration', () => {
  test('none at all: the way in is named', async () => {
    const patient = { ...(await patientWith()), config: undefined, home: undefined };
    expect(worst(await all(checkConfiguration(patient)))).toMatchObject({ level: 'fail', fix: 'gt init' });
  });

  test('a mistake is told with its line', async () => {
    let faults: InputRejected['faults'] = [];
    try {
      parseConfig('hosts: {}\nmodls: {}\n', '/t/gastown.yaml', { env: {}, homedir: '/', timeZone: 'UTC' });
    } catch (error) {
      if (error instanceof InputRejected) ({ faults } = error);
    }
    const findings = await all(checkConfiguration({ ...(await patientWith()), config: undefined, faults }));
    expect(findings.map(({ evidence }) => evidence)).toContainEqual(
      expect.stringMatching(/gastown\.yaml:2:1: .*modls/),
    );
  });

  test('one that was changed after the town was opened', async () => {
    const patient = await patientWith({}, { record, open: true });
    await writeFile(patient.config?.file ?? '', 'changed');
    const finding = worst(await all(checkConfiguration(patient)));
    expect(finding).toMatchObject({ level: 'warn', fix: 'gt down && gt up --detach' });
  });

  test('one that was sound for the first release is sound today', async () => {
    const { loadConfig } = await import('../../../deploy/config/index.ts');
    const config = await loadConfig(
      new URL('../../fixtures/config/first-release.yaml', import.meta.url).pathname,
    );
    expect(config.warnings).toEqual([]);
    expect(config.limits.minFreeBytes).toBeGreaterThan(0);
  });
});

describe('disk', () => {
  test('room enough, before the folder is there', async () => {
    expect(await all(checkDisk(await patientWith({ limits: { minFreeGiB: 0 } })))).toMatchObject([
      { level: 'ok' },
    ]);
  });

  test('less free than minFreeGiB: no bead would start', async () => {
    const finding = worst(await all(checkDisk(await patientWith({ limits: { minFreeGiB: 100_000 } }))));
    expect(finding).toMatchObject({ level: 'fail', fix: expect.stringContaining('gt prune') });
    expect(finding.evidence).toMatch(/GiB free, limits\.minFreeGiB is 100000/);
  });

  test('a folder that cannot be written', async () => {
    const patient = await patientWith();
    await writeFile(patient.home, 'a file is in the place of the folder');
    const finding = worst(await all(checkDisk(patient)));
    expect(finding).toMatchObject({ level: 'fail', what: expect.stringContaining('cannot be written') });
  });
});

describe('ports', () => {
  test('a port of last time that another program has now is a warning: the town takes another one', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const patient = await patientWith(
      {},
      { record: { ...record, address: `127.0.0.1:${port}`, state: 'closed' } },
    );
    const finding = worst(await all(checkPorts(patient)));
    expect(finding).toMatchObject({ level: 'warn', what: expect.stringContaining(String(port)) });
  });

  test('free ones are well', async () => {
    expect(await all(checkPorts(await patientWith()))).toMatchObject([{ level: 'ok' }]);
  });
});

describe('clock', () => {
  test('a host whose clock is an hour ahead', async () => {
    const url = await httpServer((_, response) => {
      response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString()).end('{}');
    });
    const patient = await patientWith({ hosts: { desk: { kind: 'openai', url } } });
    const finding = worst(await all(checkClock(patient)));
    expect(finding).toMatchObject({ level: 'warn', fix: expect.stringContaining('timedatectl') });
    expect(finding.evidence).toMatch(/is 3\d\d\d s ahead/);
  });

  test('hosts that agree', async () => {
    const url = await httpServer((_, response) => response.end('{}'));
    const findings = await all(checkClock(await patientWith({ hosts: { desk: { kind: 'openai', url } } })));
    expect(findings).toMatchObject([{ level: 'ok', evidence: `agrees with ${url}` }]);
  });

  test('a town.json from the future: the clock has gone back', async () => {
    const patient = await patientWith();
    await writeRecord(patient.home, record);
    const later = new Date(Date.now() + 86_400_000);
    await utimes(join(patient.home, 'town.json'), later, later);
    expect(worst(await all(checkClock(patient)))).toMatchObject({
      level: 'warn',
      what: expect.stringContaining('gone back'),
    });
  });
});

describe('home', () => {
  test('G5: a killed town is mended by ending what it left', async () => {
    const patient = await patientWith({}, { record });
    await writeRecord(patient.home, record);
    const [finding] = await all(checkHome(patient));
    expect(finding).toMatchObject({ level: 'warn', fixable: true, fix: 'gt down' });
    expect(await finding?.mend?.()).toBe('nothing was left of it');
    expect((await readRecord(patient.home))?.state).toBe('closed');
  });

  test('the home of another town', async () => {
    const patient = await patientWith({}, { record: { ...record, name: 'forge', state: 'closed' } });
    await mkdir(patient.home);
    expect(worst(await all(checkHome(patient)))).toMatchObject({
      level: 'fail',
      what: expect.stringContaining('belongs to the town forge'),
    });
  });
});

test('a webhook whose variable is not set tells nobody', async () => {
  const patient = await patientWith({ notify: { webhookEnv: 'MY_HOOK' } });
  expect(worst(await all(checkNotifications(patient)))).toMatchObject({
    level: 'warn',
    fix: expect.stringContaining('export MY_HOOK='),
  });
  const told = { ...patient, env: { MY_HOOK: 'https://example.com/hook' } };
  expect(await all(checkNotifications(told))).toMatchObject([{ level: 'ok', what: 'by a webhook' }]);
});
