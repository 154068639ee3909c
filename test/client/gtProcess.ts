import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const script = fileURLToPath(new URL('../../client/gt.ts', import.meta.url));

const compileCache = fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url));

export interface Ran {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs `gt` as a process of its own, without any town in its surroundings but what is given. */
export const gt = async (args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> => {
  const ran = await execa(process.execPath, [script, ...args], {
    cwd,
    reject: false,
    timeout: 240_000,
    extendEnv: false,
    env: {
      PATH: process.env['PATH'],
      HOME: cwd,
      GASTOWN_TEMPORAL_CLI: process.env['GASTOWN_TEMPORAL_CLI'],
      // As `gt` itself does: half of a quick command is reading the same sources again.
      NODE_COMPILE_CACHE: compileCache,
      ...env,
    },
  });
  return { code: ran.exitCode, out: ran.stdout, err: ran.stderr };
};

export const folderWith = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'gastown-gt-'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
};

/** A configuration that is complete, for a repository and a host that nobody looks at before the town is open. */
export const townFile = `town:
  name: mill
  home: ./home
hosts:
  desk:
    url: http://127.0.0.1:9
    kind: openai
models:
  small:
    name: tiny
    context: 8192
    hosts: [desk]
rigs:
  app:
    path: ./app
    branch: main
    gates:
      - name: test
        run: "true"
`;

export const planFile = `convoy: demo
title: A demo
beads:
  - id: one
    title: The first
    task: Write one.
  - id: two
    title: The second
    task: Write two.
    needs: [one]
`;
