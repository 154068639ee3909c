import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { findingLines, findingsSummary } from '../../client/render/findings.ts';
import { terminalOf } from '../../client/render/terminal.ts';
import { isIll, isPoor, isWell } from '../../workflows/domain/finding.ts';
import { repoAt } from '../support/repo.ts';
import { folderWith, gt, townFile } from './gtProcess.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});
const folderOf = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await folderWith(files);
  folders.push(folder);
  return folder;
};

describe('gt doctor', () => {
  test('where there is no town it looks at the machine, and names gt init', async () => {
    const ran = await gt(['doctor'], await folderOf({}));
    expect(ran).toMatchObject({ code: 1, err: '' });
    expect(ran.out).toMatch(/^ok {3}node/m);
    expect(ran.out).toMatch(/^FAIL configuration .*no town here[\s\S]*Next: gt init/m);
  });

  test('a configuration with a mistake is told with its line, and the machine is looked at all the same', async () => {
    const ran = await gt(['doctor'], await folderOf({ 'gastown.yaml': townFile.replace('openai', 'opnai') }));
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/gastown\.yaml:\d+:\d+: hosts\.desk\.kind: found "opnai"/);
    expect(ran.out).toMatch(/^ok {3}git/m);
  });

  test('G10: with --json every finding is data with what, evidence and fix; the exit code says whether the town would work; gt host check says the same of hosts', async () => {
    const folder = await folderOf({ 'gastown.yaml': `${townFile}limits: { minFreeGiB: 0 }\n` });
    await mkdir(join(folder, 'app'));
    const repo = repoAt(join(folder, 'app'));
    await repo.git('init', '-q', '-b', 'main');
    await repo.commit({ 'a.txt': 'a' });
    const ran = await gt(['doctor', '--quick', '--json'], folder);
    expect(ran).toMatchObject({ code: 1, err: '' });
    const { data, meta } = JSON.parse(ran.out) as {
      data: { check: string; level: string; fix: string }[];
      meta: object;
    };
    expect(meta).toMatchObject({ worst: 'fail', exitCode: 1 });
    const ill = data.filter(({ level }) => level === 'fail');
    // Nothing but the host, which is not there.
    expect(ill).toEqual([
      expect.objectContaining({ check: 'host desk', fix: expect.stringContaining('Start the model server') }),
    ]);
    expect(data.filter(({ check }) => check === 'gates app')).toEqual([]);
    const checked = await gt(['host', 'check', '--quick', '--json'], folder);
    expect((JSON.parse(checked.out) as { data: object[] }).data).toEqual(
      data.filter(({ check }) => /^(host|model) /.test(check)),
    );
  });
});

describe('how findings look', () => {
  const narrow = { ...terminalOf({ isTTY: true, columns: 80 }, { NO_COLOR: '1' }) };

  test('G9: what a repository or a server says cannot drive the terminal', () => {
    const lines = findingLines(
      isIll('rig app', { what: 'a\u001b[31mb', evidence: '\u001b]0;title\u0007x\n\u202ey', fix: 'c\u009bd' }),
      narrow,
    );
    expect(lines.join('')).not.toMatch(/[\u001b\u0007\u009b\u202e]/);
  });

  test('80 columns hold all but the way out, which is there to be copied', () => {
    const long = 'word '.repeat(40).trim();
    const lines = [
      ...findingLines(isWell('sandbox', long, long), narrow),
      ...findingLines(
        isPoor('disk', { what: long, evidence: 'e'.repeat(200), fix: 'f'.repeat(120) }),
        narrow,
      ),
    ];
    expect(lines.filter((line) => line.length > 80).map((line) => line.trim())).toEqual(['f'.repeat(120)]);
    expect(lines.join(' ').match(/word/g)?.length).toBeGreaterThan(40);
  });

  test('the last line counts', () => {
    const trouble = { what: 'w', evidence: '', fix: 'f' };
    const some = [isWell('a', 'b'), isPoor('c', trouble), isIll('d', trouble)];
    expect(findingsSummary(some, narrow)).toBe('3 findings: 1 does not work, 1 could be better.');
    expect(findingsSummary([isWell('a', 'b')], narrow)).toBe('1 finding: all is well.');
  });
});
