/**
 * What is wrong with a plan that a model wrote, or unwise. Graph, names and gates are checked as in any plan; these rules look
 * at what makes plans of models fail: beads that step on each other's files, that are too large, that name files by guess, or
 * that carry somebody else's orders (G9).
 */
import { changesGates } from '../guard/gateFiles.ts';
import { nearest } from '../nearest.ts';
import { oneLine } from '../text.ts';
import { maxNodes } from './graph.ts';

/** `alarm`: a person must see it before anything starts. `warn`: it will run, perhaps badly. */
export interface PlanFinding {
  readonly level: 'alarm' | 'warn';
  /** Undefined for the plan as a whole. */
  readonly bead: string | undefined;
  readonly text: string;
}

export interface LintedBead {
  readonly id: string;
  readonly title: string;
  readonly task: string;
  readonly needs: readonly string[];
  readonly files: readonly string[];
}

/** What the plan is held against. */
export interface LintFacts {
  /** Paths of the repository; undefined when it was not looked at. */
  readonly paths: readonly string[] | undefined;
}

/** Beyond these a bead is seldom done in a few turns. */
export const beadSize = { taskChars: 6_000, files: 8 } as const;
const manyBeads = 100;
const mostFindings = 60;

/** Everything worth saying, alarms first, then in the order of the beads. */
export const lintPlan = (beads: readonly LintedBead[], facts: LintFacts): PlanFinding[] => {
  const known = facts.paths === undefined ? undefined : pathsOf(facts.paths);
  const found = [
    ...sizeOfPlan(beads),
    ...beads.flatMap((bead) => [
      ...orders(bead),
      ...sizeOfBead(bead),
      ...gateFiles(bead),
      ...(known === undefined ? [] : guessedFiles(bead, known)),
    ]),
    ...sharedFiles(beads),
  ];
  const alarms = found.filter(({ level }) => level === 'alarm');
  return [...alarms, ...found.filter(({ level }) => level !== 'alarm')].slice(0, mostFindings);
};

const warn = (bead: string | undefined, text: string): PlanFinding => ({ level: 'warn', bead, text });

const sizeOfPlan = (beads: readonly LintedBead[]): PlanFinding[] => {
  if (beads.length <= manyBeads) return [];
  const most = beads.length > maxNodes ? `; an epic holds at most ${maxNodes}` : '';
  return [
    warn(undefined, `${beads.length} beads are a lot for one plan${most}: look at them before you launch`),
  ];
};

const sizeOfBead = ({ id, task, files }: LintedBead): PlanFinding[] => [
  ...(task.length > beadSize.taskChars
    ? [warn(id, `its task has ${task.length} characters: split it, small beads land sooner`)]
    : []),
  ...(files.length > beadSize.files
    ? [warn(id, `it names ${files.length} files: split it, a model sees few files well`)]
    : []),
];

/** Replies that change what defines the gates are refused, so such a bead would only burn its attempts. */
const gateFiles = ({ id, files }: LintedBead): PlanFinding[] =>
  files.flatMap((path) => {
    const [before, after] = path.toLowerCase().endsWith('.json') ? ['{}', '{ }'] : ['# a', '# b'];
    const why = changesGates(path, before, after);
    return why === undefined
      ? []
      : [
          warn(
            id,
            `${oneLine(why)}, which beads may not change: approve it with approvedFiles, or do it yourself`,
          ),
        ];
  });

interface Paths {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
  readonly byName: ReadonlyMap<string, readonly string[]>;
}

const pathsOf = (paths: readonly string[]): Paths => ({
  files: new Set(paths),
  folders: new Set(paths.flatMap(foldersOf)),
  byName: Map.groupBy(paths, nameOf),
});

/** A file that does not exist may be meant to be new; one that looks like another's name was guessed. */
const guessedFiles = ({ id, files }: LintedBead, known: Paths): PlanFinding[] =>
  files.flatMap((path) => {
    if (known.files.has(path)) return [];
    if (known.folders.has(path.replace(/\/$/, '')))
      return [warn(id, `${oneLine(path)} is a folder: name files`)];
    const folder = folderOf(path);
    const siblings = [...known.files].filter((file) => folderOf(file) === folder);
    const meant = nearest(nameOf(path), siblings.map(nameOf));
    const elsewhere = (known.byName.get(nameOf(path)) ?? []).filter((file) => !common.has(nameOf(file)));
    const guess = elsewhere.length === 1 ? elsewhere[0] : siblings.find((file) => nameOf(file) === meant);
    return guess === undefined
      ? []
      : [warn(id, `${oneLine(path)} does not exist; if it is not to be new, ${oneLine(guess)} may be meant`)];
  });

/** Names that every folder may have. */
const common = new Set([
  'index.ts',
  'index.js',
  '__init__.py',
  'mod.rs',
  'main.go',
  'README.md',
  'package.json',
]);

/** Two beads that may run at once and change the same file meet in the Refinery, and one of them works twice. */
const sharedFiles = (beads: readonly LintedBead[]): PlanFinding[] => {
  const before = ancestors(beads);
  const users = Map.groupBy(
    beads.flatMap(({ id, files }) => [...new Set(files)].map((file) => ({ id, file }))),
    ({ file }) => file,
  );
  return [...users].flatMap(([file, uses]) => {
    const ids = uses.map(({ id }) => id);
    const loose = ids.flatMap((one, index) =>
      ids
        .slice(index + 1)
        .filter((other) => !before.get(one)?.has(other) && !before.get(other)?.has(one))
        .map((other) => [one, other] as const),
    );
    const [first, ...others] = loose;
    if (first === undefined) return [];
    const more = others.length === 0 ? '' : ` (and ${others.length} more pairs)`;
    return [
      warn(
        first[1],
        `it and ${first[0]} name ${oneLine(file)} and neither needs the other${more}: let one need the other`,
      ),
    ];
  });
};

/** Everything that a bead needs, directly or through others. */
const ancestors = (beads: readonly LintedBead[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const byId = new Map(beads.map((bead) => [bead.id, bead]));
  return new Map(
    beads.map(({ id, needs }) => {
      const found = new Set<string>();
      const queue = [...needs];
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        if (found.has(next)) continue;
        found.add(next);
        queue.push(...(byId.get(next)?.needs ?? []));
      }
      return [id, found];
    }),
  );
};

/**
 * Text that orders a polecat, or a person, to do something other than to change files. Alarms stop a night's work, so these
 * look for orders, not for words: a task may well be about keys, tests or git.
 */
const suspicious: readonly {
  readonly pattern: RegExp;
  readonly what: string;
  readonly level?: PlanFinding['level'];
}[] = [
  {
    pattern:
      /\b(ignore|disregard|forget)\b[^.!?]{0,40}\b(previous|prior|above|earlier|all|your)\b[^.!?]{0,30}\b(instructions?|rules?|prompts?)\b/i,
    what: 'asks to ignore instructions',
  },
  {
    pattern: /<\|[\w ]{1,40}\|>|<¦\w{1,40}¦>|\[\/?INST\]|<\/?system>/i,
    what: 'holds marks of a change of speaker',
  },
  {
    pattern: /\b(curl|wget|iwr|invoke-webrequest)\b[^\n]*(\||\s-o\b|>|https?:)/i,
    what: 'downloads something',
  },
  { pattern: /\|\s*(sudo\s+)?(ba|z|da)?sh\b/i, what: 'pipes into a shell' },
  { pattern: /\brm\s+-\w*[rf]/i, what: 'removes files by a command' },
  {
    pattern:
      /\bsudo\s+\w|\bchmod\s+[-+0-7ugoa]|\bchown\s+-?\w+[:\s]|\bcrontab\s+-|\bsystemctl\s+(start|stop|enable|restart)\b|\bssh\s+\S+@|\bscp\s+\S+:|\b(nc|netcat)\s+-\w/i,
    what: 'runs a command on the machine',
  },
  {
    pattern: /\bgit\s+(push|config|remote|reset|filter-branch|update-ref|commit\b[^\n]*--no-verify)\b/i,
    what: 'drives git',
  },
  {
    pattern:
      /\b(disable|skip|remove|delete|bypass|turn off|weaken|comment out)\s+(?:(?:the|all|any|these|those|its|their|failing|broken|existing|unit|integration|lint|type)\s+){0,3}(tests?|gates?|checks|linter|linting|ci|assertions?|sandbox)(?![\w-]|\s+(?:helper|case|file|name|function|data|bead|mode)s?\b)/i,
    what: 'weakens tests or checks',
  },
  {
    pattern: /~\/\.(ssh|aws|netrc|npmrc|gnupg)|\bid_(rsa|ed25519)\b|\/etc\/(passwd|shadow)\b/,
    what: 'is about secrets of the machine',
  },
  { pattern: /\b[A-Z][A-Z0-9]*_(API_KEY|TOKEN|SECRET|PASSWORD)\b/, what: 'is about a secret', level: 'warn' },
  { pattern: /\b(exfiltrat|reverse shell|backdoor|keylog)/i, what: 'speaks of an attack' },
  { pattern: /[A-Za-z0-9+/]{200,}={0,2}/, what: 'holds a long encoded text' },
];

const orders = ({ id, title, task, files }: LintedBead): PlanFinding[] => {
  const text = `${title}\n${task}\n${files.join('\n')}`;
  return suspicious.flatMap(({ pattern, what, level = 'alarm' }) => {
    const found = pattern.exec(text);
    return found === null ? [] : [{ level, bead: id, text: `its text ${what}: “${oneLine(found[0], 80)}”` }];
  });
};

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const foldersOf = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));
