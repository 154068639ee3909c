import type { Counts } from '../../activities/counts/counts.ts';

/** Remembers what was counted, as lines such as `landings rig 1`. */
export const createCountedThings = (): {
  readonly counts: Counts;
  readonly lines: () => readonly string[];
} => {
  const heard: string[] = [];
  const hear = (key: string, labels: object, value = 1): void =>
    void heard.push([key, ...Object.values(labels), value].join(' '));
  return {
    counts: { add: hear, observe: (key, labels) => hear(key, labels), set: hear },
    lines: () => [...heard],
  };
};
