import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Finding } from '../../workflows/domain/finding.ts';
import { TownError } from '../town/trouble.ts';
import { codeRoot } from '../town/version.ts';
import type { ProbeRequest } from './request.ts';

/**
 * Looks at hosts, models and rigs through the same code that will work with them, in a process of its own
 * (`workers/examine.ts`), and gives each finding as soon as it is known. Throws `ProbeFailed` when that process breaks.
 */
export async function* probe(request: ProbeRequest): AsyncGenerator<Finding> {
  const child = spawn(process.execPath, [...flags(), join(codeRoot, 'workers', 'examine.ts')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString('utf8')}`.slice(-4_000);
  });
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  child.stdin.on('error', () => {});
  // Left open: when this process dies, the other sees the end of it and ends too.
  child.stdin.write(`${JSON.stringify(request)}\n`);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('{')) yield JSON.parse(line) as Finding;
    }
    const [code, signal] = await ended;
    if (code !== 0) throw broken(signal ?? `exit status ${code}`, said);
  } finally {
    child.kill();
  }
}

const flags = (): string[] => process.execArgv.filter((flag) => !flag.startsWith('--inspect'));

const broken = (how: string, said: string): TownError =>
  new TownError({
    type: 'ProbeFailed',
    what: 'The examination of hosts and rigs broke off.',
    evidence: `workers/examine.ts: ${how}\n${said.trim().split('\n').slice(-8).join('\n')}`.trim(),
    next: 'Correct what the evidence says, and run the command again.',
  });
