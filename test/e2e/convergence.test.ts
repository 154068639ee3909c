import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { filesReply, openTestTown, type TestTown } from '../support/town.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let town: TestTown;

const promptsOf = (bead: string): readonly string[] =>
  town.host.requests
    .map(({ messages }) => messages.map(({ content }) => content).join('\n'))
    .filter((text) => text.includes(`TASK-OF-${bead}.`));

const sumTest =
  "const test = require('node:test');\nconst assert = require('node:assert');\nconst { sum } = require('../src/sum.js');\ntest('sums', () => assert.equal(sum(1, 2), 3));\n";

beforeAll(async () => {
  town = await openTestTown({
    files: {
      'src/sum.js': 'exports.sum = () => 0;\n',
      'test/sum.test.js': sumTest,
      // Red whatever anybody does, and no gate runs it.
      'test/lost.test.js':
        "require('../src/lost.js');\nrequire('node:test')('lost', () => { throw new Error('never'); });\n",
      'src/lost.js': '\n',
      'check.sh': 'if grep -rn BROKEN src; then exit 1; fi\n! grep -rn "  " src\n',
    },
    reply: (bead) => {
      const nth = promptsOf(bead).length;
      if (bead === 'sum')
        return filesReply({ 'src/sum.js': `exports.sum  =  (a, b) => a ${nth === 1 ? '-' : '+'} b;\n` });
      return filesReply({ 'src/lost.js': `exports.lost = ${nth};\n` });
    },
    config: (config) => {
      const { rigs } = config as { rigs: { rig: object } };
      return {
        ...config,
        rigs: {
          rig: {
            ...rigs.rig,
            format: 'for f in {files:js}; do sed "s/  */ /g" "$f" > "$f.t" && mv "$f.t" "$f"; done',
            nearest: 'node --test {tests}',
          },
        },
      };
    },
  });
});
afterAll(() => town?.[Symbol.asyncDispose]());

test('the nearest test refuses a first try with its name; the second is formatted, passes all gates and lands', async () => {
  const { handle } = await town.launch('converge', [{ id: 'sum', files: ['src/sum.js'] }]);
  expect(await handle.result()).toMatchObject({ landed: 1 });

  const [first = '', second = '', ...more] = promptsOf('sum');
  expect(more).toEqual([]);
  expect(first).toContain('Formatting is done for you before the checks');
  expect(second).toContain('The tests nearest to your change fail. The full checks did not run');
  expect(second).toContain('Command: node --test test/sum.test.js');
  expect(second).toMatch(/Failing:\n- sums\nFirst error: /);
  // The model sees its work as it was formatted, and what lands is formatted.
  expect(second).toContain('exports.sum = (a, b) => a - b;');
  expect(await town.repo.show('main', 'src/sum.js')).toBe('exports.sum = (a, b) => a + b;\n');
  expect((await town.repo.log('main')).filter((line) => /format/i.test(line))).toEqual([]);
});

test('G3 nearest tests that are red whatever a bead does cost it a try, and never hold it back', async () => {
  const { handle } = await town.launch('lost', [{ id: 'lost', files: ['src/lost.js'] }]);
  expect(await handle.result()).toMatchObject({ landed: 1 });
  expect(promptsOf('lost')).toHaveLength(2);
  expect(await town.repo.show('main', 'src/lost.js')).toBe('exports.lost = 2;\n');
});
