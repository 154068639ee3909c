import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCommits, writeCommit } from '../../../activities/git/commit.ts';
import { type CommitFacts, commitFacts } from '../../../activities/git/commitObject.ts';
import { git, gitLine } from '../../../activities/git/run.ts';
import { type TempRepo, tempRepo } from '../../support/repo.ts';

const who = 'Ada Example <ada@example.org>';
const zeros = '0'.repeat(40);

let repo: TempRepo;
let tree: string;
beforeAll(async () => {
  repo = await tempRepo({ bare: true });
  tree = await repo.git('rev-parse', 'main^{tree}');
});
afterAll(() => repo[Symbol.asyncDispose]());

/** A commit object word for word, whatever git would say of it. */
const write = (cwd: string, text: string | Buffer): Promise<string> =>
  gitLine(['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], { cwd, input: text });

/** The same facts in the words of `git log`, which prints messages in UTF-8. */
const asGitSays = async (cwd: string, commit: string): Promise<CommitFacts> => {
  const format = '--format=%H%x00%T%x00%ct%x00%P%x00%B';
  const { stdout } = await git(['log', '-1', '--no-show-signature', format, commit], { cwd });
  const [id = '', tree = '', seconds, parents = '', message = ''] = stdout.split('\0');
  const ids = parents.split(' ').filter((one) => one !== '');
  return { commit: id, tree, seconds: Number(seconds), parents: ids, message: message.slice(0, -1) };
};

const signature = [
  'gpgsig -----BEGIN PGP SIGNATURE-----',
  ' ',
  ` parent ${zeros}`,
  ' iQEzBAABCAAdFiEE',
  ' =abcd',
  ' -----END PGP SIGNATURE-----',
];

test.each<[string, (tree: string, parent: string) => string | Buffer]>([
  ['one with a message', (tree) => commit(tree, [], 'Subject\n\nBody, with a blank line\n\nand more.\n')],
  ['a merge of three', (tree, parent) => commit(tree, [parent, parent, parent], 'Merge\n')],
  ['a signed one', (tree, parent) => commit(tree, [parent], 'Signed\n', signature)],
  [
    'one that merged a signed tag',
    (tree, parent) =>
      commit(tree, [parent], 'Merge tag\n', [`mergetag object ${parent}`, ' type commit', ' ', ' A tag']),
  ],
  [
    'one in Latin-1',
    (tree) => Buffer.from(commit(tree, [], 'Grüße, façade\n', ['encoding ISO-8859-1']), 'latin1'),
  ],
  ['one in an encoding that nobody knows', (tree) => commit(tree, [], 'Grüße\n', ['encoding KLINGON'])],
  ['one with CRLF in its message', (tree) => commit(tree, [], 'Subject\r\n\r\nBody\r\n')],
  ['one without a message', (tree) => commit(tree, [], '')],
  ['one with a first line that begins like a header', (tree) => commit(tree, [], `parent ${zeros}\n`)],
  [
    'one that names a parent where none can stand',
    (tree, parent) => commit(tree, [parent], 'x\n', [`parent ${zeros}`, `tree ${zeros}`]),
  ],
  ['one of a zone that no clock has', (tree) => commit(tree, [], 'x\n', [], `${who} 1300000000 +051800`)],
  ['one without a final line break', (tree) => commit(tree, [], 'no end')],
])('says of a commit what git says: %s', async (_, textOf) => {
  const id = await write(repo.path, textOf(tree, await repo.revParse('main')));
  const [facts] = await readCommits(repo.path, [id]);
  expect(facts).toEqual(await asGitSays(repo.path, id));
});

test.each(['-1200000000 +0000', '99999999999999999999999 +0000', 'yesterday', ''])(
  'a date that git could not write again is 0, so that commits can be made upon it: "%s"',
  async (date) => {
    const id = await write(repo.path, commit(tree, [], 'x\n', [], `${who} ${date}`));
    const [facts] = await readCommits(repo.path, [id]);
    expect(facts).toMatchObject({ tree, seconds: 0, message: 'x\n' });
    const next = await writeCommit(repo.path, { tree, parents: [id], message: 'y\n', seconds: 0 });
    expect(await readCommits(repo.path, [next])).toMatchObject([{ parents: [id], seconds: 0 }]);
  },
);

test('commits come in the order asked, and those that are not here are left out', async () => {
  const first = await repo.revParse('main');
  const second = await repo.commitTo('main', { a: 'a\n' });
  const found = await readCommits(repo.path, [second, zeros, 'main~1', 'main^{tree}']);
  expect(found.map((one) => one.commit)).toEqual([second, first]);
});

test('what is no commit has no facts, and breaks nothing', () => {
  for (const text of ['', '\n\n', 'tree', 'blob of some text\n\nparent x\n'])
    expect(commitFacts({ oid: zeros, type: 'blob', bytes: Buffer.from(text) })).toMatchObject({
      tree: '',
      seconds: 0,
      parents: [],
    });
});

function commit(
  tree: string,
  parents: readonly string[],
  message: string,
  more: readonly string[] = [],
  committer = `${who} 1700000001 +0200`,
): string {
  const people = [`author ${who} 1700000000 +0200`, `committer ${committer}`];
  const lines = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), ...people, ...more];
  return `${lines.join('\n')}\n\n${message}`;
}
