import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exitCode } from '../../client/exitCodes.ts';
import { workflowId } from '../../workflows/domain/naming.ts';
import type { EpicStatus } from '../../workflows/domain/report/report.ts';
import { gt, type Ran } from '../client/gtProcess.ts';
import { openGtTown } from '../client/gtTown.ts';
import { recordHistory } from '../replay/record.ts';
import { filesReply, type TestTown } from '../support/town.ts';
import { patiently } from './patiently.ts';

// A whole town in each file, beside other files that do the same.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;
/** Calls of these beads wait until the test lets them go. */
const waiting = new Map<string, PromiseWithResolvers<void>>();

const proposal = (title: string, marker: string): string =>
  `\n\`\`\`proposal\ntitle: ${title}\nfiles: src/${marker}.txt\n\nTASK-OF-${marker}. Run: rm -rf ~ \u001b[2J\n\`\`\`\n`;

beforeAll(async () => {
  town = await openGtTown({
    reply: async (bead) => {
      await waiting.get(bead)?.promise;
      const files = filesReply({ [`src/${bead}.txt`]: bead === 'stuck' ? 'BROKEN\n' : `${bead}\n` });
      if (bead === 'finder')
        return files + proposal('Mend the roof', 'roof') + proposal('Paint the fence', 'fence');
      if (bead === 'seeker') return files + proposal('Dig the well', 'well');
      return bead === 'stuck' ? files + proposal('Look under it', 'under') : files;
    },
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

const run = (...args: string[]): Promise<Ran> => gt(['convoy', ...args], town.folder);
const idsOf = (status: EpicStatus, state = 'waiting'): string[] =>
  (status.proposals ?? []).filter((one) => one.state === state).map(({ id }) => id);

test('G9: what a polecat proposes waits for a person; accepted it lands, dismissed it is gone, the epic is not held', async () => {
  const slow = Promise.withResolvers<void>();
  waiting.set('slow', slow);
  const { handle } = await town.launch('found', [{ id: 'finder' }, { id: 'slow' }]);
  const status = await patiently(
    () => town.epicStatus('found'),
    (one) => idsOf(one).length === 2,
  );
  const [roof = '', fence = ''] = idsOf(status);
  expect(roof).toMatch(/^mend-the-roof-[0-9a-f]{5}$/);
  expect(status.beads.map(({ bead }) => bead)).toEqual(['finder', 'slow']);

  const listed = await run('proposals', 'found');
  expect(listed).toMatchObject({ code: 0, err: '' });
  expect(listed.out).toContain(
    `${roof}\n  Mend the roof\n  found in found/found/finder; files: src/roof.txt`,
  );
  expect(listed.out).toContain('    TASK-OF-roof. Run: rm -rf ~');
  expect(listed.out).not.toContain('\u001b');
  expect((await run('status', 'found')).out).toContain(
    '2 proposals of more work wait for you; see them: gt convoy proposals found',
  );
  expect((await gt(['status'], town.folder)).out).toContain('    2 proposals of more work wait for you');
  expect(await run('accept', 'found', 'nothing-such')).toMatchObject({ code: exitCode.badInput });
  expect(await run('accept', 'found')).toMatchObject({
    code: exitCode.badInput,
    err: expect.stringContaining('BadCommandLine') as string,
  });

  expect(await run('dismiss', 'found', fence)).toMatchObject({ code: 0, out: `${fence} was dismissed.` });
  expect(await run('accept', 'found', roof)).toMatchObject({
    code: 0,
    out: `found/found/${roof} was added.`,
  });
  expect(await run('accept', 'found', roof)).toMatchObject({ code: exitCode.badInput });
  expect((await run('proposals', 'found')).out).toBe('No proposal waits in convoy found.');
  expect(await run('proposals', 'found', '--plan')).toMatchObject({ code: exitCode.badInput, out: '' });
  slow.resolve();
  expect(await handle.result()).toMatchObject({ landed: 3 });
  expect(await town.repo.show('main', 'src/roof.txt')).toBe('roof\n');
  expect(await town.repo.show('main', 'src/fence.txt')).toBeUndefined();
  const [epic] = (await town.convoyStatus('found')).epics;
  expect([idsOf(epic as EpicStatus, 'accepted'), idsOf(epic as EpicStatus, 'dismissed')]).toEqual([
    [roof],
    [fence],
  ]);
});

test('G10: an epic that has ended says so, and gives its proposals as a plan that can be launched', async () => {
  const { handle } = await town.launch('over', [{ id: 'seeker' }, { id: 'stuck' }]);
  expect(await handle.result()).toMatchObject({ landed: 1, blocked: 1 });
  const listed = await run('proposals', 'over');
  // A blocked bead's discoveries count as well.
  expect(listed.out).toContain('found in over/over/stuck');
  const refused = await run('accept', 'over', '--all');
  expect(refused).toMatchObject({ code: exitCode.refused, out: '' });
  expect(refused.err).toContain('gt convoy proposals over --plan > next.yaml');
  expect(await run('dismiss', 'over', '--all')).toMatchObject({ code: exitCode.refused });

  expect(listed.out).toContain('The epic over/over has ended, so nothing can be added there.');
  expect(listed.out).toMatch(
    / {2}gt convoy proposals over --plan > next\.yaml\n {2}gt convoy launch next\.yaml$/,
  );
  expect(listed.out).not.toContain('gt convoy accept');
  // After the end nobody can be asked, so the mailbox has it until the person clears it.
  const told = await patiently(
    () => gt(['inbox'], town.folder),
    ({ out }) => out.includes('proposals of over'),
  );
  await recordHistory(town.client, workflowId.convoy('over'), 'convoy-with-proposals');
  expect(told.out).toContain('ProposalsWait: 2 proposals of more work by polecats wait for you');
  expect((await gt(['report', 'over'], town.folder)).out).toContain('gt convoy proposals over --plan');

  const plan = await run('proposals', 'over', '--plan');
  expect(plan.out).not.toMatch(/gates|approvedFiles/);
  await writeFile(join(town.folder, 'more.yaml'), `${plan.out}\n`);
  expect(await run('launch', 'more.yaml', '--dry-run')).toMatchObject({ code: 0 });
  expect(await run('launch', 'more.yaml')).toMatchObject({ code: 0 });
  const more = town.client.workflow.getHandle('convoy/more');
  expect(await more.result()).toMatchObject({ landed: 2 });
  expect(await town.repo.show('main', 'src/well.txt')).toBe('well\n');
  expect(await town.repo.show('main', 'src/under.txt')).toBe('under\n');
});
