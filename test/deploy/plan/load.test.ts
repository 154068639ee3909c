import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { compilePlan, parsePlan, planHash, planText, planView } from '../../../deploy/plan/index.ts';
import { mistakes } from '../config/sample.ts';
import { config, planOf, soundPlan, twoRigs } from './sample.ts';

const manyEpics = `convoy: compiler
title: A compiler
rig: app
epics:
  - id: front
    title: The front end
    beads:
      - {id: lexer, title: Lex, task: Lex.}
      - {id: parser, title: Parse, task: Parse., needs: [lexer], tier: default}
  - id: pages
    rig: site
    needs: [front, front]
    beads:
      - {id: lexer, title: Say so, task: Say so., approvedFiles: [package.json]}
`;

describe('loadPlan', () => {
  test('takes the convoy and the epic from the name of the file', () => {
    const { convoy, title, epics } = planOf(soundPlan);
    expect({ convoy, title, epics: epics.map(({ id, rig, title: name }) => ({ id, rig, name })) }).toEqual({
      convoy: 'small-parser',
      title: 'A small parser',
      epics: [{ id: 'small-parser', rig: 'app', name: 'A small parser' }],
    });
    expect(epics[0]?.beads[0]).toEqual({
      id: 'lexer',
      title: 'Lex the input',
      task: 'Write src/lexer.ts.',
      needs: [],
      files: ['src/lexer.ts'],
      tier: undefined,
      gates: [],
      approvedFiles: [],
    });
  });

  test('takes what a bead asks of models and tries: its model once, then those to fall back to', () => {
    const text = soundPlan.replace(
      'gates: [tests]',
      'model: coder\n    fallback: [coder]\n    context: 32768\n    estimate: 15m\n    attempts: 1\n    optional: true',
    );
    expect(planOf(text).epics[0]?.beads[2]).toMatchObject({
      ...{ models: ['coder'], context: 32_768, estimateMs: 900_000, attempts: 1, optional: true },
    });
  });

  test('takes several epics over several rigs, whose beads may share ids', () => {
    const { epics } = planOf(manyEpics, twoRigs);
    expect(epics.map(({ id, rig, needs, beads }) => [id, rig, needs, beads.map((bead) => bead.id)])).toEqual([
      ['front', 'app', [], ['lexer', 'parser']],
      ['pages', 'site', ['front'], ['lexer']],
    ]);
  });
});

describe('a plan that adds to a running epic', () => {
  const more = 'beads: [{id: docs, title: Docs, task: Write docs., needs: [printer]}]\n';

  test('may need the beads that the epic has', () => {
    expect(mistakes(() => planOf(more))).toEqual([
      'small-parser.yaml:1:60: beads[0].needs[0]: "docs" needs "printer", which does not exist. Name beads of the same epic.',
    ]);
    const plan = parsePlan(more, '/towns/more.yaml', config, { epicHas: ['lexer', 'printer'] });
    expect(plan.epics[0]?.beads[0]?.needs).toEqual(['printer']);
  });

  test('may not take their ids', () => {
    expect(
      mistakes(() => parsePlan(more, '/towns/more.yaml', config, { epicHas: ['docs', 'printer'] })),
    ).toEqual(['more.yaml:1:14: beads[0].id: the epic has a bead "docs" already. Take a new id.']);
  });
});

describe('the budget of an epic', () => {
  const limited = manyEpics.replace(
    '    title: The front end\n',
    '    title: The front end\n    budget: { tokens: 300000, money: 0.75 }\n',
  );

  test('is what it may spend of its convoy, and reaches it with money in millionths', async () => {
    const budget = { tokens: 300_000, money: 750_000 };
    const plan = planOf(limited, twoRigs);
    expect(plan.epics.map((epic) => epic.budget)).toEqual([budget, undefined]);
    const { epics, settings } = await compilePlan(plan, twoRigs, { putBlob: async () => 'f'.repeat(64) });
    expect(epics.map((epic) => epic.budget)).toEqual([budget, undefined]);
    // Told in twentieths, so that the person can be warned.
    expect(settings.tells).toEqual({ tokens: 15_000, money: 37_500 });
  });

  test('is no part of what the plan is about: with more of it, the same plan is launched again', () => {
    expect(planHash(planOf(limited, twoRigs))).toBe(planHash(planOf(manyEpics, twoRigs)));
  });
});

describe('planHash', () => {
  test('is of what the plan says, not of how it is written', () => {
    const reordered = soundPlan.replace(
      '    title: Parse the tokens\n    task: Write src/parser.ts.\n',
      '    # the middle\n    task: "Write src/parser.ts."\n    title: Parse the tokens\n',
    );
    expect(reordered).not.toBe(soundPlan);
    expect(planHash(planOf(reordered))).toBe(planHash(planOf(soundPlan)));
    expect(planHash(planOf(soundPlan))).toMatch(/^[0-9a-f]{64}$/);
  });

  test('differs for any other task, need or bead', () => {
    const hashes = [
      soundPlan,
      soundPlan.replace('src/parser.ts', 'src/parse.ts'),
      soundPlan.replace('[parser]', '[lexer, parser]'),
      soundPlan.replace('gates: [tests]', 'gates: []'),
    ].map((text) => planHash(planOf(text)));
    expect(new Set(hashes).size).toBe(4);
  });
});

describe('compilePlan', () => {
  test('stores tasks by hash and pins the configuration', async () => {
    const blobs = new Map<string, string>();
    const putBlob = async (text: string): Promise<string> => {
      const ref = createHash('sha256').update(text).digest('hex');
      blobs.set(ref, text);
      return ref;
    };
    const plan = planOf(soundPlan);
    const input = await compilePlan(plan, config, { putBlob, convoy: 'again', maxParallel: 2 });
    expect(input).toMatchObject({ convoy: 'again', title: 'A small parser', planHash: planHash(plan) });
    expect(input.epics[0]?.beads.map(({ taskRef }) => blobs.get(taskRef))).toEqual([
      'Write src/lexer.ts.',
      'Write src/parser.ts.',
      'Write src/printer.ts.',
    ]);
    expect(input.settings).toMatchObject({
      place: 'home',
      ladders: { default: [{ model: 'coder', callTimeoutMs: 1_200_000 }] },
      maxParallel: 2,
      pacing: 'ready',
      dailyBudget: false,
      searchAttributes: false,
    });
    expect(JSON.stringify(input)).not.toContain('Write src/');
  });
});

describe('planView', () => {
  test('shows beads, waves and the critical path', () => {
    expect(planText(planView(planOf(manyEpics, twoRigs)))).toBe(
      `Convoy compiler: A compiler (3 beads, plan ${planHash(planOf(manyEpics, twoRigs)).slice(0, 12)})

Epic front: The front end (rig app)
  Wave 1
    lexer   Lex
  Wave 2
    parser  Parse  ← lexer
  Critical path (2 landings): lexer → parser

Epic pages: pages (rig site, after front)
  Wave 1
    lexer  Say so
  Critical path (1 landing): lexer`,
    );
  });

  test('says the same as data', () => {
    expect(planView(planOf(soundPlan))).toMatchObject({
      beads: 3,
      epics: [
        {
          epic: 'small-parser',
          waves: [['lexer'], ['parser'], ['printer']],
          criticalPath: ['lexer', 'parser', 'printer'],
          beads: [{ wave: 0 }, { wave: 1, needs: ['lexer'] }, { wave: 2, gates: ['tests'] }],
        },
      ],
    });
  });
});
