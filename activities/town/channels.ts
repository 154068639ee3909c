import { spawn } from 'node:child_process';
import { clip } from '../../workflows/domain/failure.ts';
import { plainLines } from '../../workflows/domain/text.ts';
import { fail } from '../failure.ts';
import type { Message } from './message.ts';

/** How long a command or a server of the person's may take, ms. */
const patienceMs = 60_000;
const lastCharacters = 1_500;

/**
 * Runs the person's own command line, as they wrote it in their configuration, with the message as Markdown on its
 * standard input. Nothing of the message is part of the command line: it comes by stdin and by environment variables.
 */
export const runCommand = async (line: string, message: Message, signal: AbortSignal): Promise<void> => {
  const child = spawn('/bin/sh', ['-c', line], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: {
      ...process.env,
      GT_EVENT: message.event,
      GT_CONVOY: message.convoy ?? '',
      GT_SUMMARY: message.summary,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output = (output + text).slice(-lastCharacters);
    });
  }
  // A command that does not read its input is no failure.
  child.stdin.on('error', () => undefined);
  child.stdin.end(message.markdown);
  // What it started in the background dies with it.
  const kill = (): void => {
    if (child.pid !== undefined) tryKill(-child.pid);
  };
  const late = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  late.addEventListener('abort', kill, { once: true });
  const ended = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, by) => resolve(code === 0 ? '' : `exit status ${code ?? by}`));
  });
  late.removeEventListener('abort', kill);
  if (ended === '') return;
  throw fail('NotifyFailed', {
    what: `The notification command failed: ${late.aborted ? `not done within ${patienceMs / 1_000} s` : ended}.`,
    evidence: clip(`sh -c ${JSON.stringify(clip(line, 300))}\n${plainLines(output)}`),
    next: `Correct notify.command in gastown.yaml, then gt down and gt up. The report itself: gt report ${message.convoy ?? ''}`,
  });
};

/** Posts the message as JSON. The URL is a secret: it is in no error and no log, only the name of its variable is. */
export const postWebhook = async (
  variable: string,
  message: Message,
  key: string,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> => {
  const url = URL.parse(env[variable] ?? '');
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw noUrl(variable, message);
  const { markdown, ...data } = message;
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      // Chats show `text`.
      body: JSON.stringify({ ...data, text: message.summary, markdown }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    });
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: unknown } };
    const code = typeof cause?.code === 'string' ? ` (${cause.code})` : '';
    throw unposted(
      variable,
      message,
      `POST to $${variable}: ${name === 'TimeoutError' ? 'no answer in time' : name}${code}`,
    );
  }
  const body = clip(plainLines(await answer.text().catch(() => '')), lastCharacters);
  if (answer.ok) return;
  const isFinal = answer.status < 500 && ![408, 425, 429].includes(answer.status);
  throw unposted(
    variable,
    message,
    `POST to $${variable}: status ${answer.status}\n${without(url, body)}`,
    isFinal,
  );
};

/** Servers like to repeat what they were asked for. */
const without = ({ href, pathname, search }: URL, text: string): string =>
  [href, pathname + search, search, pathname]
    .filter((part) => part.length > 1)
    .reduce((rest, part) => rest.replaceAll(part, '…'), text);

const unposted = (variable: string, { convoy }: Message, evidence: string, final = false) =>
  fail('NotifyFailed', {
    what: 'The webhook did not take the notification.',
    evidence,
    final,
    next: `Check the URL in the environment variable ${variable} (notify.webhookEnv), then gt down and gt up. The report itself: gt report ${convoy ?? ''}`,
  });

const noUrl = (variable: string, { convoy }: Message) =>
  fail('NotifyFailed', {
    what: `The environment variable ${variable} holds no http or https URL.`,
    evidence: `notify.webhookEnv in gastown.yaml names it; the town's workers have ${process.env[variable] === undefined ? 'no such variable' : 'another text in it'}.`,
    final: true,
    next: `Export ${variable}, then gt down and gt up in that shell. The report itself: gt report ${convoy ?? ''}`,
  });

const tryKill = (group: number): void => {
  try {
    process.kill(group, 'SIGKILL');
  } catch {
    // It has just ended.
  }
};
