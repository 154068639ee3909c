import { expect, test } from 'vitest';
import { proposalLines, proposalPlan, type Told } from '../../../client/render/proposals.ts';
import { terminalOf } from '../../../client/render/terminal.ts';
import { parsePlan } from '../../../deploy/plan/index.ts';
import { twoRigs } from '../../deploy/plan/sample.ts';

const told = (epic: string, rig: string, id: string, more: Partial<Told> = {}): Told => ({
  epic: {
    ...{ convoy: 'demo', epic, rig, target: 'main', paused: undefined, maxParallel: 1, waves: 1, beads: [] },
  },
  proposal: { id, title: `Do ${id}`, taskRef: 'r', files: [`src/${id}.ts`], from: 'one', state: 'waiting' },
  task: `Do it: ${id}.\n# not a comment\ngates: [evil]`,
  ...more,
});

test('G9: proposals of several rigs are one plan with an epic for each, which is sound and gives no leave to anything', () => {
  const lines = proposalPlan('demo', [
    told('core', 'app', 'roof'),
    told('pages', 'site', 'fence'),
    // Found twice, it is one bead.
    told('more', 'app', 'roof'),
    told('core', 'app', 'gone', { task: undefined }),
  ]);
  const plan = parsePlan(lines.join('\n'), '/towns/next.yaml', twoRigs);
  expect(plan.convoy).toBe('next');
  expect(plan.epics.map(({ rig, beads }) => [rig, beads.map(({ id }) => id)])).toEqual([
    ['app', ['roof']],
    ['site', ['fence']],
  ]);
  expect(plan.epics.flatMap(({ beads }) => beads)).toMatchObject([
    { gates: [], approvedFiles: [], needs: [], task: expect.stringContaining('gates: [evil]') },
    { gates: [], approvedFiles: [], needs: [], files: ['src/fence.ts'] },
  ]);
  expect(lines.join('\n')).toContain('# Left out: 1 proposal whose text is not in the home any more.');
});

test('G10: where one epic runs and another has ended, each has its own way on', () => {
  const lines = proposalLines(
    {
      convoy: 'demo',
      told: [told('core', 'app', 'roof'), told('pages', 'site', 'fence')],
      ended: new Set(['pages']),
    },
    terminalOf({}),
  );
  expect(lines.slice(-4)).toEqual([
    'To decide: gt convoy accept demo ID…, or gt convoy dismiss demo ID…',
    'The epic demo/pages has ended, so nothing can be added there. To launch what was found there as a plan of its own:',
    '  gt convoy proposals demo --plan > next.yaml',
    '  gt convoy launch next.yaml',
  ]);
});
