/** Tiny real programs that stand for `temporal`, `go` and `npm`, in folders that a test puts on its PATH. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export const tempFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'gastown-setup-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

export const program = async (path: string, script: string): Promise<string> => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
};

/** What the set-up asks of a Temporal command line before it trusts it. */
export const temporalScript = (server = '1.31.2'): string => `
case "$*" in
  --version) echo 'temporal version 1.8.2 (Server ${server}, UI 2.50.1)' ;;
  'server start-dev --help') echo '--sqlite-pragma --dynamic-config-value --search-attribute --disable-config-env --ui-disable-news-fetch' ;;
  *) exit 64 ;;
esac`;

export const temporal = async (path: string, server?: string): Promise<string> =>
  await program(path, temporalScript(server));

/** A Go that notes each build in `log`, and "builds" a working command line, or fails after half a file. */
export const go = async (
  folder: string,
  { version = 'go1.26.8', fails = false, log = join(folder, 'go.log') } = {},
): Promise<string> => {
  await temporal(join(folder, 'made'));
  await program(
    join(folder, 'go'),
    `
if [ "$1" = env ]; then echo ${version}; exit 0; fi
echo "$PWD CGO_ENABLED=$CGO_ENABLED GOFLAGS=$GOFLAGS" >> '${log}'
while [ "$1" != -o ]; do shift; done
${fails ? `echo half > "$2"; echo 'compile: disk full' >&2; exit 1` : `/bin/sleep 0.3; /bin/cp '${join(folder, 'made')}' "$2"`}`,
  );
  return log;
};

/** An npm that notes each call and leaves what npm leaves: its record of the lock, and nothing of before. */
export const npm = async (folder: string, { fails = false } = {}): Promise<string> => {
  const log = join(folder, 'npm.log');
  await program(
    join(folder, 'npm'),
    `
echo "$*" >> '${log}'
/bin/rm -rf node_modules
/bin/sleep 0.3
${fails ? `echo 'npm error code ENETUNREACH' >&2; exit 1` : '/bin/mkdir node_modules; /bin/cp package-lock.json node_modules/.package-lock.json'}`,
  );
  return log;
};

export const linesOf = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8').catch(() => '')).split('\n').filter(Boolean);
