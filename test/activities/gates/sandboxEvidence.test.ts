import { afterEach, expect, test } from 'vitest';
import { createGateRunner } from '../../../activities/gates/index.ts';
import { availableControllers } from '../../../activities/sandbox/index.ts';
import { gate, makeTestRig, type TestRig } from './rig.ts';

const controllers = await availableControllers();
let made: TestRig | undefined;
afterEach(() => made?.remove());

const summaryOf = async (run: string, settings: Partial<TestRig['rig']>): Promise<string> => {
  made = makeTestRig({ 'a.txt': 'a\n' }, { ...settings, gates: [gate('tests', run)] });
  const { rig, dir, home, blobs } = made;
  const { verdict, failures, feedback } = await createGateRunner({ home, blobs }).runGates({
    rig,
    dir,
    names: [],
  });
  expect(verdict).toBe('red');
  // The polecat is told what the person is told.
  expect(await blobs.get(feedback?.ref ?? '')).toContain(failures[0]?.summary.slice(0, 100));
  return failures[0]?.summary ?? '';
};

test('G10: a gate that wrote too large a file says at which limit, and what raises it', async () => {
  const summary = await summaryOf('dd if=/dev/zero of=big bs=1M count=50', { runLimits: { fileMiB: 3 } });
  expect(summary).toMatch(
    /^exit status 153 \(SIGXFSZ\); stopped at a file of 3 MiB \(the rig's limits.fileMiB raises it\)/,
  );
});

test.skipIf(!controllers.includes('memory'))(
  'G10: a gate that took too much memory says so (needs a memory control group)',
  async () => {
    const bomb = `${process.execPath} -e 'const kept = []; for (let i = 0; i < 100; i++) kept.push(Buffer.alloc(16777216, 1));'`;
    expect(await summaryOf(bomb, { runLimits: { memoryMiB: 200 } })).toContain(
      "killed at 200 MiB of memory (the rig's limits.memoryMiB raises it)",
    );
  },
);

test('G9, G10: a gate that asked for a host outside the rig’s list names the host', async () => {
  const summary = await summaryOf(
    `${process.execPath} -e 'fetch("https://example.com/").catch((e) => { console.error(String(e.cause ?? e)); process.exit(1); })'`,
    { network: ['registry.example.org'] },
  );
  expect(summary).toContain("exit status 1; refused: example.com:443 is not on the rig's list");
});

test('G10: a set-up that was refused a host tells the person which, and what it may reach', async () => {
  made = makeTestRig(
    { 'a.txt': 'a\n' },
    {
      setup: `${process.execPath} -e 'fetch("http://example.com/").then((answer) => process.exit(answer.ok ? 0 : 4))'`,
      caches: ['deps'],
      network: ['registry.example.org:8443'],
    },
  );
  const { rig, dir, home, blobs } = made;
  await expect(createGateRunner({ home, blobs }).prepareTree(rig, dir)).rejects.toMatchObject({
    type: 'SetupFailed',
    details: [
      {
        evidence: expect.stringMatching(
          /refused: example.com:80 is not on the rig's list[^]*by HTTP and HTTPS registry.example.org:8443/,
        ),
      },
    ],
  });
});
