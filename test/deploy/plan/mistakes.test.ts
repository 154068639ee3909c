import { describe, expect, test } from 'vitest';
import type { TownConfig } from '../../../deploy/config/index.ts';
import { mistakes } from '../config/sample.ts';
import { config, planOf, soundPlan, twoRigs } from './sample.ts';

const epics = (lines: string): string => `rig: app\nepics:\n${lines}`;
const bead = (id: string): string => `[{id: ${id}, title: t, task: t}]`;

/** Each mistake as a plan, the town, and what the person then sees. */
const golden: readonly (readonly [title: string, plan: string, town: TownConfig, ...lines: string[]])[] = [
  [
    'a cycle',
    soundPlan.replace('files: [src/lexer.ts]', 'needs: [printer]'),
    config,
    'small-parser.yaml:7:13: beads[0].needs[0]: a cycle: lexer → printer → parser → lexer (each needs the next). Remove one of these needs.',
  ],
  [
    'a file outside of what a sparse rig has checked out',
    soundPlan,
    { ...config, rigs: config.rigs.map((rig) => ({ ...rig, sparse: ['app', 'lib/core'] })) },
    'small-parser.yaml:7:13: beads[0].files[0]: is outside of the folders that rig app has checked out. Its sparse: app, lib/core; add the folder there, or leave the file out.',
  ],
  [
    'headings of a report that is not asked for',
    soundPlan.replace('files: [src/lexer.ts]', 'sections: [Places]'),
    config,
    'small-parser.yaml:7:5: beads[0]: sections are headings of a report, and this bead makes none. Add output: report, or leave them out.',
  ],
  [
    'a budget of an epic that is a number',
    epics(`  - id: e\n    budget: 5\n    beads: ${bead('a')}\n`),
    config,
    'small-parser.yaml:4:13: epics[0].budget: found 5. Expected a map with tokens, money.',
  ],
  [
    'an unknown need',
    soundPlan.replace('[parser]', '[lexer, parsr]'),
    config,
    'small-parser.yaml:15:20: beads[2].needs[1]: "printer" needs "parsr", which does not exist; did you mean "parser"? Name beads of the same epic.',
  ],
  [
    'a bead that needs itself',
    soundPlan.replace('[lexer]', '[lexer, parser]'),
    config,
    'small-parser.yaml:11:20: beads[1].needs[1]: "parser" needs itself. Remove this need.',
  ],
  [
    'an id used twice',
    soundPlan.replace('id: parser', 'id: lexer'),
    config,
    'small-parser.yaml:8:9: beads[1].id: the id "lexer" is used twice. Give every bead its own id.',
    'small-parser.yaml:11:13: beads[1].needs[0]: "lexer" needs itself. Remove this need.',
    'small-parser.yaml:15:13: beads[2].needs[0]: "printer" needs "parser", which does not exist. Name beads of the same epic.',
  ],
  [
    'ids that differ only in case',
    soundPlan.replace('id: parser', 'id: Lexer'),
    config,
    'small-parser.yaml:8:9: beads[1].id: found "Lexer". Expected a name of a-z, 0-9 and -, starting with a letter or digit, at most 40 characters.',
    'small-parser.yaml:8:9: beads[1].id: the ids "lexer" and "Lexer" differ only in case. Give every bead its own id.',
    'small-parser.yaml:15:13: beads[2].needs[0]: "printer" needs "parser", which does not exist. Name beads of the same epic.',
  ],
  [
    'an unfit id',
    soundPlan.replace('id: printer', 'id: the_printer'),
    config,
    'small-parser.yaml:12:9: beads[2].id: found "the_printer". Expected a name of a-z, 0-9 and -, starting with a letter or digit, at most 40 characters.',
  ],
  [
    'a missing id',
    soundPlan.replace('id: printer\n    title', 'title'),
    config,
    'small-parser.yaml:12:5: beads[2].id: is missing. Expected a name of a-z, 0-9 and -, starting with a letter or digit, at most 40 characters.',
  ],
  [
    'a missing task',
    soundPlan.replace('    task: Write src/parser.ts.\n', ''),
    config,
    'small-parser.yaml:8:5: beads[1].task: is missing. Expected what to do, in prose.',
  ],
  [
    'an empty task',
    soundPlan.replace('task: Write src/parser.ts.', 'task: "  "'),
    config,
    'small-parser.yaml:10:11: beads[1].task: found an empty text. Expected what to do, in prose.',
  ],
  [
    'a title of two lines',
    soundPlan.replace('title: Parse the tokens', 'title: "a\\nb"'),
    config,
    'small-parser.yaml:9:12: beads[1].title: found "a b". Expected a title of one line.',
  ],
  [
    'a long title',
    soundPlan.replace('Parse the tokens', 'x'.repeat(121)),
    config,
    'small-parser.yaml:9:12: beads[1].title: has 121 characters. At most 120 are accepted.',
  ],
  [
    'escapes in a task',
    soundPlan.replace('Write src/parser.ts.', '"a\\u202eb"'),
    config,
    'small-parser.yaml:10:11: beads[1].task: "ab" (with control characters) holds control characters or marks that hide text. Expected what to do, in prose.',
  ],
  [
    'a need as a text',
    soundPlan.replace('[lexer]', 'lexer'),
    config,
    'small-parser.yaml:11:12: beads[1].needs: found "lexer". Expected a list of ids of beads.',
  ],
  [
    'a command in place of a gate',
    soundPlan.replace('[tests]', '["rm -rf ~"]'),
    config,
    'small-parser.yaml:16:13: beads[2].gates[0]: found "rm -rf ~". Expected the name of a gate of the rig, never a command.',
  ],
  [
    'an unknown gate',
    soundPlan.replace('[tests]', '[test]'),
    config,
    'small-parser.yaml:16:13: beads[2].gates[0]: no gate "test" is configured. Did you mean "tests"? Known: tests.',
  ],
  [
    'an unknown tier',
    soundPlan.replace('gates: [tests]', 'tier: huge'),
    config,
    'small-parser.yaml:16:11: beads[2].tier: no tier "huge" is configured. Known: default.',
  ],
  [
    'an unknown model, and an unknown one to fall back to',
    soundPlan.replace('gates: [tests]', 'model: codr\n    fallback: [coder, other]'),
    config,
    'small-parser.yaml:16:12: beads[2].model: no model "codr" is configured. Did you mean "coder"? Known: coder.',
    'small-parser.yaml:17:23: beads[2].fallback[1]: no model "other" is configured. Known: coder.',
  ],
  [
    'models to fall back to without one to begin with',
    soundPlan.replace('gates: [tests]', 'fallback: [coder]'),
    config,
    'small-parser.yaml:16:5: beads[2]: there is nothing to fall back from. Add model.',
  ],
  [
    'more context than its model has',
    soundPlan.replace('gates: [tests]', 'model: coder\n    context: 65536'),
    config,
    'small-parser.yaml:17:14: beads[2].context: is more than any of its models has (coder: 32768 tokens). Name another model or tier, or less.',
  ],
  [
    'more context than the models of its tier have',
    soundPlan.replace('gates: [tests]', 'context: 65536'),
    config,
    'small-parser.yaml:16:14: beads[2].context: is more than any of its models has (coder: 32768 tokens). Name another model or tier, or less.',
  ],
  [
    'an estimate without a unit',
    soundPlan.replace('gates: [tests]', 'estimate: soon'),
    config,
    'small-parser.yaml:16:15: beads[2].estimate: found "soon". Expected a duration such as 250ms, 90s, 5m or 1h, or a number of milliseconds.',
  ],
  [
    'no tries at all',
    soundPlan.replace('gates: [tests]', 'attempts: 0'),
    config,
    'small-parser.yaml:16:15: beads[2].attempts: found 0. Expected attempts: a whole number from 1 to 100.',
  ],
  [
    'a bead that may be optional',
    soundPlan.replace('gates: [tests]', 'optional: maybe'),
    config,
    'small-parser.yaml:16:15: beads[2].optional: found "maybe". Expected true or false.',
  ],
  [
    'a path outside',
    soundPlan.replace('[src/lexer.ts]', '[/etc/passwd, ../up, .git/config]'),
    config,
    'small-parser.yaml:7:13: beads[0].files[0]: "/etc/passwd" leaves the repository or has an unusual form. Expected a path inside the repository with forward slashes, such as src/index.ts.',
    'small-parser.yaml:7:26: beads[0].files[1]: "../up" leaves the repository or has an unusual form. Expected a path inside the repository with forward slashes, such as src/index.ts.',
    'small-parser.yaml:7:33: beads[0].files[2]: ".git/config" leaves the repository or has an unusual form. Expected a path inside the repository with forward slashes, such as src/index.ts.',
  ],
  [
    'another output',
    soundPlan.replace('gates: [tests]', 'output: poem'),
    config,
    'small-parser.yaml:16:13: beads[2].output: found "poem". Expected one of change, report.',
  ],
  [
    'a misspelt field',
    soundPlan.replace('needs: [parser]', 'need: [parser]'),
    config,
    'small-parser.yaml:15:5: no field "need" is known in beads[2]. Did you mean "needs"?',
  ],
  [
    'gates as commands',
    soundPlan.replace('gates: [tests]', 'run: npm test'),
    config,
    'small-parser.yaml:16:5: no field "run" is known in beads[2]. Known there: id, title, task, needs, files, tier, model, fallback, context, estimate, attempts, optional, gates, approvedFiles, output, sections.',
  ],
  [
    'no beads',
    'title: nothing\n',
    config,
    'small-parser.yaml:1:1: neither beads nor epics are given. Write beads: with at least one bead.',
  ],
  [
    'an empty list of beads',
    'beads: []\n',
    config,
    'small-parser.yaml:1:8: beads: found an empty list. Expected a list of beads, at least one.',
  ],
  [
    'beads and epics',
    `${soundPlan}epics:\n  - {id: a, beads: ${bead('b')}}\n`,
    config,
    'small-parser.yaml:17:1: beads and epics are both given. Put every bead into an epic.',
  ],
  [
    'an unknown rig',
    `rig: ap\n${soundPlan}`,
    config,
    'small-parser.yaml:1:6: rig: no rig "ap" is configured. Did you mean "app"? Known: app.',
  ],
  [
    'no rig where there are two',
    soundPlan,
    twoRigs,
    'small-parser.yaml:1:1: rig: is missing, and the town has several rigs. Known: app, site.',
  ],
  [
    'a gate of another rig',
    `rig: site\n${soundPlan}`,
    twoRigs,
    'small-parser.yaml:17:13: beads[2].gates[0]: no gate "tests" is configured. Known: links.',
  ],
  [
    'a cycle of epics',
    epics(`  - {id: a, needs: [b], beads: ${bead('x')}}\n  - {id: b, needs: [a], beads: ${bead('x')}}\n`),
    config,
    'small-parser.yaml:3:21: epics[0].needs[0]: a cycle: a → b → a (each needs the next). Remove one of these needs.',
  ],
  [
    'an unknown epic',
    epics(`  - {id: a, needs: [aa], beads: ${bead('x')}}\n  - {id: ab, beads: ${bead('x')}}\n`),
    config,
    'small-parser.yaml:3:21: epics[0].needs[0]: "a" needs "aa", which does not exist; did you mean "ab"? Name epics of the same plan.',
  ],
  [
    'an epic without beads',
    epics('  - {id: a}\n'),
    config,
    'small-parser.yaml:3:5: epics[0].beads: is missing. Expected a list of beads, at least one.',
  ],
  [
    'a list in place of a plan',
    '- a\n- b\n',
    config,
    'small-parser.yaml:1:1: found a list. Expected a plan: a map with beads or epics.',
  ],
  [
    'a text in place of a plan',
    'build me an app\n',
    config,
    'small-parser.yaml:1:1: found "build me an app". Expected a plan: a map with beads or epics.',
  ],
  [
    'more beads than one epic holds',
    `beads:\n${Array.from({ length: 401 }, (_, n) => `  - {id: n${n}, title: t, task: t}\n`).join('')}`,
    config,
    'small-parser.yaml:2:3: beads: 401 are more than 400; split them into epics that need epics.',
  ],
];

describe('a mistake in a plan is told with its line, its column and the accepted form', () => {
  for (const [title, text, town, ...lines] of golden) {
    test(title, () => {
      expect(text).not.toBe(town === config ? soundPlan : '');
      expect(mistakes(() => planOf(text, town))).toEqual(lines);
    });
  }
});
