/**
 * G10 for a machine with nothing installed yet: what happened, the evidence, what to do next.
 * Everything in this folder that ends in `.mjs` runs on Node 20 and imports only Node itself.
 * @param {{what: string, evidence?: string, next: string}} parts
 */
export const problem = ({ what, evidence, next }) =>
  Object.assign(new Error([what, evidence, `Next: ${next}`].filter(Boolean).join('\n')), {
    isProblem: true,
    trouble: { type: 'SetupProblem', what, evidence: evidence ?? '', next },
  });

/** Prints an error as a person should see it: problems as they are, anything else with its stack, since it is our bug. */
export const report = (error) => {
  console.error(error?.isProblem ? error.message : error);
};

/** One line for each step that costs time. On stderr, so that `--json` output stays clean. */
export const announce = (line) => {
  console.error(line);
};

/** The last lines of a program's output: they say most. */
export const tail = (text, lines = 15) => text.trim().split('\n').slice(-lines).join('\n');
