import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { examineHost } from '../activities/examine/host.ts';
import { examineRig } from '../activities/examine/rig.ts';
import { examineSandbox } from '../activities/examine/sandbox.ts';
import { createGateRunner } from '../activities/gates/gateRunner.ts';
import { homeAt } from '../activities/home.ts';
import { createBlobs } from '../activities/ledger/blobs.ts';
import type { ProbeRequest } from '../deploy/probe/request.ts';
import type { Finding } from '../workflows/domain/finding.ts';

/**
 * Looks at the town's hosts and rigs as its workers would, without a town. Reads one `ProbeRequest` as a line of JSON,
 * prints each finding as one, and ends early when whoever asked is gone.
 */
const examine = async (): Promise<void> => {
  const lines = createInterface({ input: process.stdin });
  const [line] = (await once(lines, 'line')) as [string];
  const gone = new AbortController();
  lines.once('close', () => gone.abort(new Error('nobody is left to hear it')));
  process.stdout.on('error', () => gone.abort());
  const request = JSON.parse(line) as ProbeRequest;
  const { signal } = gone;
  const { models, timeZone, thorough, townOpen, inFull = false } = request;

  const home = homeAt(request.home);
  const blobs = createBlobs(home.blobs);
  const place = { home, blobs, runner: createGateRunner({ home, blobs }), thorough, signal };
  if (request.rigs.length > 0) await say(examineSandbox(request.rigs));
  // Hosts first: they answer within seconds, and gates may take minutes.
  await Promise.all(
    request.hosts.map((host) =>
      say(examineHost({ host, models, apiKey: keyOf(host), timeZone, thorough, townOpen, inFull, signal })),
    ),
  );
  // One after the other: gates of two rigs at once would slow each other down, up to their timeouts.
  for (const rig of request.rigs) await say(examineRig(rig, place));
};

const keyOf = ({ apiKeyEnv }: ProbeRequest['hosts'][number]): string | undefined =>
  apiKeyEnv === undefined ? undefined : process.env[apiKeyEnv];

const say = async (findings: AsyncIterable<Finding>): Promise<void> => {
  for await (const finding of findings) process.stdout.write(`${JSON.stringify(finding)}\n`);
};

await examine();
process.exit(0);
