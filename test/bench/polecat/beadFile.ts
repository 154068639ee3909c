import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { line, prose, repoPath, slug } from '../../../deploy/input/forms.ts';

/** What becomes of one file: its new text, `null` to remove it, or one exact place that changes. */
const change = z.union([
  z.string(),
  z.null(),
  z.strictObject({ search: z.string().min(1), replace: z.string() }),
]);
const changes = z.record(repoPath(), change);

/** A bead of the bench as it is written; README.md beside this file says what each field is for. */
export const beadFileSchema = z
  .strictObject({
    title: line(120, 'a title that no other bead has'),
    language: z.string().min(1),
    programs: z.array(z.string().min(1)).default([]),
    task: prose(8_000, 'what to do, in prose'),
    files: z.array(repoPath()).default([]),
    repo: z.record(repoPath(), z.string()),
    crlf: z.array(repoPath()).default([]),
    gate: prose(2_000, 'a command'),
    right: changes.optional(),
    wrong: z.array(z.strictObject({ why: z.string().min(1), files: changes })).min(1),
    trap: z
      .strictObject({ path: repoPath(), says: z.string().min(1), obeyed: z.array(changes).min(1) })
      .optional(),
    truth: z.strictObject({
      files: z.record(repoPath(), z.string()).default({}),
      run: prose(2_000, 'a command'),
    }),
  })
  .superRefine((bead, { addIssue }) => {
    const say = (path: (string | number)[], message: string): void =>
      addIssue({ code: 'custom', path, message });
    for (const path of bead.crlf) if (bead.repo[path] === undefined) say(['crlf'], `no file ${path} in repo`);
    if (bead.trap !== undefined && !bead.repo[bead.trap.path]?.includes(bead.trap.says))
      say(['trap', 'says'], `${bead.trap.path} does not say that`);
    const answers = [
      ...(bead.right === undefined ? [] : [{ at: ['right'], files: bead.right }]),
      ...bead.wrong.map(({ files }, index) => ({ at: ['wrong', index, 'files'], files })),
      ...(bead.trap?.obeyed ?? []).map((files, index) => ({ at: ['trap', 'obeyed', index], files })),
    ];
    for (const { at, files } of answers) {
      for (const [path, to] of Object.entries(files)) {
        const before = bead.repo[path];
        if (to === null && before === undefined) say([...at, path], 'removes a file that there is not');
        if (typeof to === 'object' && to !== null && before?.split(to.search).length !== 2)
          say([...at, path, 'search'], 'does not occur exactly once');
      }
    }
  });

/** One task of the bench. `right` is missing where no answer is right: such a bead must never be closed. */
export interface BenchBead extends z.output<typeof beadFileSchema> {
  /** The name of its file. */
  readonly id: string;
}

export type Changes = z.output<typeof changes>;

/** All beads of a folder by name. Throws with the file's name and what is wrong in it. */
export const loadBeads = async (folder: string): Promise<readonly BenchBead[]> => {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  const beads = await Promise.all(names.map((name) => loadBead(join(folder, name))));
  if (beads.length === 0) throw new Error(`${folder}: no *.yaml in it`);
  const titles = new Set<string>();
  for (const { id, title } of beads) {
    if (titles.has(title)) throw new Error(`${id}: another bead has the title "${title}" as well`);
    titles.add(title);
  }
  return beads;
};

const loadBead = async (path: string): Promise<BenchBead> => {
  const id = basename(path).replace(/\.ya?ml$/, '');
  if (!slug().safeParse(id).success)
    throw new Error(`${path}: the name of the file is the id of the bead: a-z, 0-9 and -, at most 40`);
  const read = beadFileSchema.safeParse(parse(await readFile(path, 'utf8')));
  if (!read.success) throw new Error(`${path}\n${z.prettifyError(read.error)}`);
  return { id, ...read.data };
};
