/** The words of the town, as ARCHITECTURE.md has them; `gt help glossary` prints them. */
const words: Readonly<Record<string, string>> = {
  town: 'one installation: its configuration (gastown.yaml), its processes, its folder (home)',
  rig: 'a git repository that the town works on, with its gates',
  gate: 'a command, named in gastown.yaml, that must exit 0: format, lint, types, tests',
  epic: 'a goal; as a plan it is a graph of beads, at most 400',
  bead: 'one task: small enough for one polecat, one branch, one landing',
  wave: 'beads that may run at the same time, because what they need is in earlier waves',
  convoy: 'what you launch and follow: one or more epics, in one or more rigs',
  mayor: 'the model that makes a plan of an epic in prose, for you to approve',
  polecat: 'the worker agent on a bead: a model, a worktree and a conversation',
  turn: 'one question to a model and what its answer changes',
  attempt: 'one try of a bead, up to green gates and its landing; failed ones are counted',
  proposal: 'work that a polecat noticed beside its own, for you to accept or dismiss',
  refinery: 'the merge queue of one rig and branch: tests what is ready, lands what passes',
  hotfix: 'a branch that is tested alone at once and lands first: `gt refinery hotfix`',
  landed: 'on the target branch, tested as the very tree that is there; only this is done',
  blocked: 'ended without landing; the board says why, and what to do next',
  held: 'not started, because something that it needs was blocked or cancelled',
  parked: 'stopped with its work kept; goes on with `gt resume`',
  host: 'a machine that serves models: Ollama, llama.cpp, vLLM, any OpenAI-compatible server',
  fleet: 'all hosts together: which model is loaded on which of them',
  ladder: 'the models that a bead may be handed to, weakest first',
  overseer: 'the person: you',
  letter: 'what the town tells you when nobody waits for it any more: `gt inbox`',
  severity: 'how much a letter presses: info, warning, critical (`gt escalations`)',
  nudge: 'a word for a polecat, in its prompts from the next turn on: `gt nudge`',
  witness: 'looks after what is at work: clears what is dead, tells what is silent',
  seance: 'a question to the model that did a bead, from its record: `gt seance`',
  crew: 'the people and tools that look after a rig; letters go to crew/RIG',
};

export const glossaryLines = (): readonly string[] => {
  const width = Math.max(...Object.keys(words).map(({ length }) => length)) + 2;
  return Object.entries(words).flatMap(([word, says]) =>
    wrapped(says, 78 - width).map((line, at) => `${(at === 0 ? word : '').padEnd(width)}${line}`),
  );
};

const wrapped = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};
