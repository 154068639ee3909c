import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convoyInputFault, unfitInput } from '../../../workflows/domain/convoyShape.ts';
import * as shapes from '../../../workflows/domain/messageShapes.ts';
import { defaultPace } from '../../../workflows/domain/pace.ts';
import { faultOf, longestMessage, type Shape } from '../../../workflows/domain/shape.ts';

const failure = { type: 'GitFailed', what: 'w', evidence: 'e', next: 'n' };
const usage = { calls: 1, promptTokens: 10, completionTokens: 2.5, estimated: true };
const spent = { turns: 1, usage, wallMs: 7, attempts: 0 };
const head = 'a'.repeat(40);
const spec = {
  id: 'a',
  title: 'A',
  taskRef: 'f'.repeat(64),
  needs: [],
  files: ['src/a.ts'],
  gates: ['test'],
  approvedFiles: [],
};
const verdict = { bead: 'c/e/a', attempt: 1, head };

/** One message of each shape, with every field that must be there. */
const sound: Readonly<Record<string, readonly [Shape<unknown>, unknown]>> = {
  handoff: [shapes.handoffShape, { reason: 'tired' }],
  shutdown: [shapes.shutdownShape, { reason: 'late', mode: 'drain' }],
  landed: [
    shapes.landedShape,
    { state: 'landed', bead: 'c/e/a', nothingToChange: false, spent, ms: 3, model: 'm', polecat: 'nux' },
  ],
  beadMoved: [shapes.beadMovedShape, { bead: 'a', state: 'parked' }],
  epicParked: [shapes.epicParkedShape, { epic: 'e' }],
  epicSpent: [shapes.epicSpentShape, { epic: 'e', usage }],
  askAllowance: [shapes.askAllowanceShape, { from: 'e', workflowId: 'epic/c/e', names: 0 }],
  allowance: [shapes.allowanceShape, { names: ['nux'] }],
  returnAllowance: [shapes.returnAllowanceShape, { from: 'c', tokens: 5, day: '2026-01-31' }],
  direct: [shapes.directShape, { id: 'r-1', by: 'ada' }],
  mail: [shapes.mailShape, { about: 'c', failure }],
  sendMessage: [shapes.messageShape, { id: 'm-1', to: 'crew/app', from: 'ci', text: 'the cache is broken' }],
  takeNotes: [shapes.takeNotesShape, { by: 'run-1', rig: 'app' }],
  notesBack: [shapes.notesBackShape, { by: 'run-1' }],
  nudge: [shapes.nudgeShape, { id: 'n-1', from: 'ci', text: 'look again' }],
  announce: [shapes.announceShape, { id: 'r/1', event: 'ended', about: [{ about: 'c', failure }], dueAt: 5 }],
  townSettings: [shapes.townSettingsShape, { timeZone: 'Europe/Berlin' }],
  submit: [
    shapes.submitShape,
    {
      ...{ bead: 'c/e/a', attempt: 1, head, base: head, title: 'A', taskRef: 't', polecat: 'nux' },
      ...{ model: 'm', gateHash: 'g', workflowId: 'bead/c/e/a' },
    },
  ],
  withdraw: [shapes.withdrawShape, { ...verdict, workflowId: 'bead/c/e/a' }],
  'verdict (landed)': [shapes.verdictShape, { ...verdict, outcome: 'landed', commit: head }],
  'verdict (sent back)': [shapes.verdictShape, { ...verdict, outcome: 'sentBack', failure }],
  'verdict (withdrawn)': [shapes.verdictShape, { ...verdict, outcome: 'withdrawn' }],
  hostObserved: [
    shapes.hostObservedShape,
    { open: ['m'], closed: [{ model: 'n', failure, terminal: true }], place: 'home' },
  ],
  reason: [shapes.reasonShape, { reason: 'lunch' }],
  retry: [shapes.retryShape, { bead: 'a' }],
  addBeads: [shapes.beadSpecs, [spec]],
  revision: [shapes.revisionShape, { edited: 'f'.repeat(64) }],
};

type Path = readonly (string | number)[];

/** Where the leaves and the branches of a message are. */
const placesIn = (value: unknown, at: Path = []): readonly Path[] =>
  typeof value !== 'object' || value === null
    ? [at]
    : [
        at,
        ...Object.entries(value).flatMap(([key, inner]) =>
          placesIn(inner, [...at, Array.isArray(value) ? Number(key) : key]),
        ),
      ];

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);

/** The same message with something else at one place; undefined takes the field away. */
const withAt = (value: unknown, [key, ...rest]: Path, other: unknown): unknown => {
  if (key === undefined) return other;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = withAt(copy[key], rest, other);
  return JSON.parse(JSON.stringify(copy)) as unknown;
};

const settings = {
  place: 'home',
  ladders: { default: [{ model: 'm', callTimeoutMs: 1_000 }] },
  caps: { turns: 1, tokens: 1, wallMs: 1, attempts: 1 },
  maxParallel: 2,
  pacing: 'ready',
  spawnDelayMs: 0,
  dailyBudget: false,
  searchAttributes: false,
  pace: defaultPace,
};
const epic = { id: 'e', title: 'E', rig: 'rig', needs: [], beads: [spec] };
const input = { convoy: 'c', title: 'C', planHash: 'p', epics: [epic], settings };
const inputFault = (value: unknown): string | undefined => convoyInputFault(value, 'convoy/c');

describe.each(Object.entries(sound))('a message %s', (_, [shape, message]) => {
  test('fits as the town itself sends it, and with fields that only newer code knows', () => {
    expect(faultOf(shape, message)).toBeUndefined();
    if (!Array.isArray(message)) expect(faultOf(shape, { ...(message as object), newer: 1 })).toBeUndefined();
  });

  test('that is any JSON at all is judged, never thrown at, and its words are not quoted', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const fault = faultOf(shape, value);
        if (fault !== undefined) expect(fault.length).toBeLessThan(300);
        else expect(kindOf(value)).toBe(kindOf(message));
      }),
    );
    expect(faultOf(shape, undefined)).toContain('missing');
  });

  test('does not fit with one place of another kind, or taken away', () => {
    const places = placesIn(message);
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.option(fc.jsonValue(), { nil: undefined }),
        (path, other) => {
          const before = at(message, path);
          fc.pre(kindOf(other) !== kindOf(before));
          // JSON makes nothing of a list's missing item, and the whole may not be taken away here.
          fc.pre(other !== undefined || typeof path.at(-1) === 'string');
          expect(faultOf(shape, withAt(message, path, other))).toBeTypeOf('string');
        },
      ),
    );
  });
});

describe('what would break more than a shape', () => {
  test.each([
    ['a number of names that fills the memory', shapes.askAllowanceShape, { names: 1e9 }],
    ['a negative share', shapes.askAllowanceShape, { tokens: -1 }],
    ['a workflow without a name', shapes.askAllowanceShape, { workflowId: '' }],
    ['a workflow with a name over lines', shapes.submitShape, { workflowId: 'bead/a\nb' }],
    ['a head that is an option of git', shapes.submitShape, { head: '--upload-pack=x' }],
    ['a time that no timer takes', shapes.announceShape, { dueAt: 1e300 }],
    ['a negative refund', shapes.returnAllowanceShape, { tokens: -5 }],
    ['a model with an escape', shapes.hostObservedShape, { open: ['\u001b[2J'] }],
    [
      'a failure that the town does not know',
      shapes.mailShape,
      { failure: { ...failure, type: 'toString' } },
    ],
  ] as const)('%s does not fit', (_, shape, wrong) => {
    const [, message] = Object.values(sound).find(([one]) => one === shape) ?? [];
    expect(faultOf(shape, { ...(message as object), ...wrong })).toBeTypeOf('string');
  });

  test('a message that is too long or nested deeper than the stack is refused without reading it', () => {
    const long = { reason: 'x'.repeat(longestMessage) };
    expect(faultOf(shapes.reasonShape, long)).toContain('longer');
    let deep: unknown = 'x';
    for (let n = 0; n < 200_000; n++) deep = [deep];
    expect(faultOf(shapes.reasonShape, { reason: 'ok', deep })).toContain('longer');
  });

  test('names of prototypes are only names', () => {
    const message = JSON.parse('{"__proto__":{"reason":"x"},"constructor":1}') as unknown;
    expect(faultOf(shapes.reasonShape, message)).toContain('reason is missing');
  });
});

describe('the input of a convoy', () => {
  test('fits as it is compiled, also by a town whose pace was shorter', () => {
    expect(inputFault(input)).toBeUndefined();
    const { gatherMs: _, roomMs: __, ...older } = defaultPace;
    expect(inputFault({ ...input, settings: { ...settings, pace: older } })).toBeUndefined();
  });

  test.each([
    ['nothing', undefined, 'missing'],
    ['an empty object', {}, 'convoy is missing'],
    ['an id out of its folder', { ...input, epics: [{ ...epic, id: '../../x' }] }, 'epics[0].id'],
    [
      'a bead out of its folder',
      { ...input, epics: [{ ...epic, beads: [{ ...spec, id: '..' }] }] },
      'beads[0].id',
    ],
    ['an unknown need', { ...input, epics: [{ ...epic, beads: [{ ...spec, needs: ['b'] }] }] }, '"b"'],
    ['a cycle of epics', { ...input, epics: [{ ...epic, needs: ['e'] }] }, 'needs itself'],
    ['no epics', { ...input, epics: [] }, 'epics is empty'],
    ['no beads', { ...input, epics: [{ ...epic, beads: [] }] }, 'epics[0].beads is empty'],
    [
      '401 beads',
      {
        ...input,
        epics: [{ ...epic, beads: Array.from({ length: 401 }, (_, n) => ({ ...spec, id: `b${n}` })) }],
      },
      '401 are more than 400',
    ],
    [
      'a task that is no blob',
      { ...input, epics: [{ ...epic, beads: [{ ...spec, taskRef: '../x' }] }] },
      'taskRef',
    ],
    ['no models', { ...input, settings: { ...settings, ladders: {} } }, 'settings.ladders.default'],
    [
      'a time of no length',
      { ...input, settings: { ...settings, pace: { ...defaultPace, gatesMs: 0 } } },
      'gatesMs',
    ],
    ['a name that is not the workflow’s', { ...input, convoy: 'other' }, 'convoy/other'],
  ])('%s does not fit, and the fault says where', (_, value, where) => {
    expect(inputFault(value)).toContain(where);
  });

  test('does not fit with one place of another kind, or taken away; any JSON is judged and never thrown at', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => inputFault(value) !== undefined));
    // What an older town did not write may be missing.
    const needed = placesIn(input).filter((path) => path[1] !== 'pace' || path.length < 3);
    fc.assert(
      fc.property(
        fc.constantFrom(...needed),
        fc.option(fc.jsonValue(), { nil: undefined }),
        (path, other) => {
          fc.pre(path.length > 0 && kindOf(other) !== kindOf(at(input, path)));
          fc.pre(other !== undefined || typeof path.at(-1) === 'string');
          expect(inputFault(withAt(input, path, other))).toBeTypeOf('string');
        },
      ),
      { numRuns: 500 },
    );
  });

  test('G10: the failure says what happened, where, and what to do', () => {
    expect(unfitInput('c', 'epics is empty')).toMatchObject({
      type: 'PlanRejected',
      evidence: 'epics is empty',
      next: expect.stringContaining('--print-input') as string,
    });
  });
});
