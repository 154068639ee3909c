import { expect, test } from 'vitest';
import { examineSandbox } from '../../../activities/examine/sandbox.ts';
import { availableControllers, detectedSandbox } from '../../../activities/sandbox/index.ts';
import type { Finding } from '../../../workflows/domain/finding.ts';
import type { RigSettings } from '../../../workflows/domain/rig.ts';

const look = async (settings: Partial<RigSettings>): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  const rig = { name: 'app', network: false, sandbox: 'required', ...settings } as RigSettings;
  for await (const finding of examineSandbox([rig])) findings.push(finding);
  return findings;
};

test('the doctor names the rung that works, and the limits that hold for a whole command', async () => {
  const [rung, limits] = await look({});
  expect(rung).toMatchObject({
    check: 'sandbox',
    level: 'ok',
    what: (await detectedSandbox()).rung.isolates,
  });
  const controllers = await availableControllers();
  expect(limits?.check).toBe('sandbox limits');
  expect(limits?.what).toContain('size of a file, open files');
  // Where a limit is missing, the command that gets it is told (G10).
  expect(limits).toMatchObject(
    controllers.length === 3 ? { level: 'ok', fix: '' } : { level: 'warn', fix: expect.stringMatching(/\w/) },
  );
  if (controllers.includes('memory')) expect(limits?.what).toMatch(/memory/);
});

test('G10: a sandbox that is off is a warning with the way to a better one', async () => {
  expect(await look({ sandbox: 'off' })).toMatchObject([
    {
      level: 'warn',
      what: expect.stringContaining('sandbox: off'),
      fix: expect.stringContaining('sandbox: required'),
    },
  ]);
});
