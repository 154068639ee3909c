import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshNamespace } from '../support/cluster.ts';
import { folderWith, gt, planFile, townFile } from './gtProcess.ts';
import { openRecord } from './openRecord.ts';

let folder: string;
let cluster: Awaited<ReturnType<typeof freshNamespace>>;
beforeAll(async () => {
  cluster = await freshNamespace();
  folder = await folderWith({ 'gastown.yaml': townFile, 'plan.yaml': planFile });
  const { address, namespace } = cluster;
  await openRecord({ home: join(folder, 'home'), config: join(folder, 'gastown.yaml'), address, namespace });
});
afterAll(async () => {
  await cluster.client.connection.close();
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  [
    'a word that it does not know',
    townFile.replace('openai', 'opnai'),
    /gastown\.yaml:\d+:\d+: hosts\.desk\.kind/,
  ],
  ['no sound YAML', `${townFile}rigs: [`, /gastown\.yaml:\d+:\d+/],
])('an open town whose gastown.yaml was changed to have %s', (_, text, mistake) => {
  beforeAll(() => writeFile(join(folder, 'gastown.yaml'), text));

  test.each([[['status']], [['convoy', 'list']], [['stop', '--all']], [['refinery', 'status']]])(
    'gt %j goes on with what the home says, and notes the mistake in one line',
    async (args) => {
      const ran = await gt(args, folder);
      expect(ran).toMatchObject({ code: 0, err: expect.stringMatching(mistake) });
      expect(ran.err.split('\n')).toHaveLength(1);
      expect(ran.err).toContain(`Going on with what ${join(folder, 'home')} says`);
    },
  );

  test.each([[['up', '--detach']], [['convoy', 'launch', 'plan.yaml']]])('gt %j is refused', async (args) => {
    const ran = await gt(args, folder);
    expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringMatching(mistake) });
    expect(ran.err).not.toContain('Going on');
  });

  test('a town that was opened with another file is not meant', async () => {
    await writeFile(join(folder, 'other.yaml'), text);
    expect(await gt(['status', '--config', 'other.yaml'], folder)).toMatchObject({ code: 2, out: '' });
  });
});
