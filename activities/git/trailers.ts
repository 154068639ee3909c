import { git } from './run.ts';

/** A commit message with trailers; their values are cut to one line, so that none can fake another. */
export const withTrailers = (message: string, trailers: Readonly<Record<string, string>>): string => {
  const lines = Object.entries(trailers).map(
    ([key, value]) => `${key}: ${value.replaceAll(/\s+/g, ' ').trim()}`,
  );
  return `${message.trim()}\n\n${lines.join('\n')}\n`;
};

/** The value of the last trailer of a message with this key. */
export const trailerOf = (message: string, key: string): string | undefined => {
  const block =
    message
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  const line = block.split('\n').findLast((each) => each.startsWith(`${key}: `));
  return line?.slice(key.length + 2).trim();
};

/**
 * The newest commit of `range` that carries every one of these trailers, exactly; undefined when none does. Walks all
 * parents, not only the first: beads are on the second-parent chains of groups.
 */
export const findByTrailers = async (
  repo: string,
  range: readonly string[],
  wanted: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<string | undefined> => {
  const keys = Object.keys(wanted);
  const values = keys.map((key) => `%(trailers:key=${key},valueonly,unfold,separator=%x01)`);
  const { stdout } = await git(
    [
      'log',
      '-z',
      '--fixed-strings',
      '--all-match',
      ...keys.map((key) => `--grep=${key}: ${wanted[key]}`),
      `--format=%H%x02${values.join('%x02')}`,
      ...range,
      '--',
    ],
    { cwd: repo, ...(signal ? { signal } : {}) },
  );
  // `--grep` finds parts of lines too: another bead's name may begin like this one.
  for (const record of stdout.split('\0')) {
    const [commit, ...found] = record.split('\x02');
    const carries = keys.every((key, at) => found[at]?.split('\x01').includes(wanted[key] as string));
    if (commit !== undefined && carries) return commit;
  }
  return;
};
