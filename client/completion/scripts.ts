import type { Branch, Flag } from './tree.ts';

/** The shells that `gt completion` writes a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script that completes commands and options of `gt`; names of files are left to the shell. */
export const completionScript = (shell: Shell, branches: readonly Branch[]): string =>
  ({ bash: bashScript, zsh: zshScript, fish: fishScript })[shell](branches);

const bashScript = (
  branches: readonly Branch[],
): string => `# Completion of gt for bash, made by \`gt completion bash\`.
_gt() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path=gt word i words= options=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$path $word" in
${lines(walked(branches).map(({ path }) => `      ${quoted(path)}) path=${quoted(path)} ;;`))}
    esac
  done
  COMPREPLY=()
  # After an option that takes a value, the shell's own completion of files.
  case "$prev" in
    ${valueFlags(branches).join('|')}) return ;;
  esac
  case "$path" in
${lines(branches.map(bashLine))}
  esac
  # Options only where one was begun: they would hide the commands.
  [[ $cur == -* ]] && words=$options
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _gt gt
`;

const bashLine = (branch: Branch): string => {
  const words = branch.words.map(({ name }) => name).join(' ');
  return `    ${quoted(branch.path)}) words=${quoted(words)} options=${quoted(flagNames(branch).join(' '))} ;;`;
};

const zshScript = (branches: readonly Branch[]): string => `#compdef gt
# Completion of gt for zsh, made by \`gt completion zsh\`.
_gt() {
  local place=gt word
  local -a commands options
  for word in \${words[2,CURRENT-1]}; do
    case "$place $word" in
${lines(walked(branches).map(({ path }) => `      ${quoted(path)}) place=${quoted(path)} ;;`))}
    esac
  done
  case "\${words[CURRENT-1]}" in
    ${valueFlags(branches).join('|')}) _files; return ;;
  esac
  case "$place" in
${lines(
  branches.map(
    (branch) => `    ${quoted(branch.path)})
      commands=(${branch.words.map(zshWord).join(' ')})
      options=(${branch.options.map(zshWord).join(' ')}) ;;`,
  ),
)}
  esac
  if [[ $PREFIX == -* ]]; then _describe option options -o; return; fi
  if (( \${#commands} )); then _describe command commands; else _files; fi
}
compdef _gt gt
`;

const fishScript = (
  branches: readonly Branch[],
): string => `# Completion of gt for fish, made by \`gt completion fish\`.
function __gt_place
    set -l place gt
    for word in (commandline -opc)[2..-1]
        switch "$place $word"
${lines(walked(branches).map(({ path }) => `            case ${fishQuoted(path)}\n                set place ${fishQuoted(path)}`))}
        end
    end
    echo $place
end
function __gt_at
    test (__gt_place) = "$argv[1]"
end
${lines(branches.flatMap(fishLines))}
`;

const fishLines = ({ path, words, options }: Branch): readonly string[] => {
  const here = `complete -c gt -n ${fishQuoted(`__gt_at '${path}'`)}`;
  return [
    ...words.map(({ name, says }) => `${here} -f -a ${fishQuoted(name)} -d ${fishQuoted(says)}`),
    ...options.map(({ name, short, takes, says }) => {
      const spelled = `-l ${name.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`;
      return `${here} ${spelled}${takes ? ' -r' : ''} -d ${fishQuoted(says)}`;
    }),
  ];
};

/** Places that a word leads to. */
const walked = (branches: readonly Branch[]): readonly Branch[] => branches.slice(1);

const flagNames = ({ options }: Branch): readonly string[] =>
  options.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]));

const valueFlags = (branches: readonly Branch[]): readonly string[] => [
  ...new Set(
    branches.flatMap(({ options }) =>
      options
        .filter(({ takes }) => takes)
        .flatMap(({ name, short }: Flag) => (short ? [name, short] : [name])),
    ),
  ),
];

const zshWord = ({ name, says }: { readonly name: string; readonly says: string }): string =>
  quoted(`${name.replaceAll(':', '\\:')}:${says}`);

/** For bash and zsh. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const lines = (all: readonly string[]): string => all.join('\n');
