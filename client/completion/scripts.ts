import type { Branch, Flag } from './tree.ts';

/** The shells that `gt completion` writes a script for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script that completes commands, options and names of `gt`; names of files are left to the shell. */
export const completionScript = (shell: Shell, branches: readonly Branch[]): string =>
  ({ bash: bashScript, zsh: zshScript, fish: fishScript })[shell](branches);

const bashScript = (
  branches: readonly Branch[],
): string => `# Completion of gt for bash, made by \`gt completion bash\`.
_gt() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path=gt word i words= options= names= skip= count=0
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then skip=; continue; fi
    case "$word" in
      ${valueFlags(branches).join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "$path $word" in
${lines(walked(branches).map(({ path }) => `      ${quoted(path)}) path=${quoted(path)} count=0 ;;`))}
      *) count=$((count + 1)) ;;
    esac
  done
  COMPREPLY=()
  case "$path" in
${lines(branches.map(bashLine))}
  esac
  [[ $count -gt 0 ]] && names=
  case "$prev" in
${lines(namingFlags(branches).map(([flag, names]) => `    ${flag}) words= names=${names} ;;`))}
${lines(choosingFlags(branches).map(([flag, words]) => `    ${flag}) words=${quoted(words.join(' '))} names= ;;`))}
    # After an option that takes a value, the shell's own completion of files.
    ${valueFlags(branches).join('|')}) return ;;
  esac
  # Options only where one was begun: they would hide the commands.
  if [[ $cur == -* ]]; then words=$options
  elif [[ -n $names ]]; then words="$words $("\${COMP_WORDS[0]}" __names $names "\${COMP_WORDS[@]:1}" 2>/dev/null)"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _gt gt
`;

const bashLine = (branch: Branch): string => {
  const words = branch.words.map(({ name }) => name).join(' ');
  const options = quoted(flagNames(branch).join(' '));
  return `    ${quoted(branch.path)}) words=${quoted(words)} options=${options} names=${branch.names ?? ''} ;;`;
};

const zshScript = (branches: readonly Branch[]): string => `#compdef gt
# Completion of gt for zsh, made by \`gt completion zsh\`.
_gt() {
  local place=gt word names= skip=
  local -i count=0
  local -a commands options found
  for word in \${words[2,CURRENT-1]}; do
    if [[ -n $skip ]]; then skip=; continue; fi
    case "$word" in
      ${valueFlags(branches).join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "$place $word" in
${lines(walked(branches).map(({ path }) => `      ${quoted(path)}) place=${quoted(path)} count=0 ;;`))}
      *) count+=1 ;;
    esac
  done
  case "$place" in
${lines(
  branches.map(
    (branch) => `    ${quoted(branch.path)})
      commands=(${branch.words.map(zshWord).join(' ')})
      options=(${branch.options.map(zshWord).join(' ')})
      names=${branch.names ?? ''} ;;`,
  ),
)}
  esac
  (( count > 0 )) && names=
  case "\${words[CURRENT-1]}" in
${lines(namingFlags(branches).map(([flag, names]) => `    ${flag}) commands=() names=${names} ;;`))}
${lines(choosingFlags(branches).map(([flag, words]) => `    ${flag}) compadd -- ${words.map(quoted).join(' ')}; return ;;`))}
    ${valueFlags(branches).join('|')}) _files; return ;;
  esac
  if [[ $PREFIX == -* ]]; then _describe option options -o; return; fi
  if [[ -n $names ]]; then
    found=(\${(f)"$("\${(Q)words[1]}" __names $names "\${(@)words[2,-1]}" 2>/dev/null)"})
    (( \${#found} )) && compadd -a found
  fi
  if (( \${#commands} )); then _describe command commands
  elif [[ -z $names ]]; then _files
  fi
}
# As a file in $fpath it is called at once, and only named when it is read by hand.
if [[ "\${funcstack[1]}" == _gt ]]; then _gt "$@"; else compdef _gt gt; fi
`;

const fishScript = (
  branches: readonly Branch[],
): string => `# Completion of gt for fish, made by \`gt completion fish\`.
# The place that the words lead to, and on a line of its own how many arguments follow there.
function __gt_place
    set -l place gt
    set -l count 0
    set -l skip
    set -l words (commandline -opc)
    for word in $words[2..]
        if set -q skip[1]
            set skip
            continue
        end
        switch "$word"
            case ${valueFlags(branches).map(fishQuoted).join(' ')}
                set skip 1
                continue
            case '-*'
                continue
        end
        switch "$place $word"
${lines(walked(branches).map(({ path }) => `            case ${fishQuoted(path)}\n                set place ${fishQuoted(path)}\n                set count 0`))}
            case '*'
                set count (math $count + 1)
        end
    end
    echo $place
    echo $count
end
function __gt_at
    test (__gt_place)[1] = "$argv[1]"
end
function __gt_first_at
    set -l found (__gt_place)
    test "$found[1]" = "$argv[1]" -a "$found[2]" = 0
end
function __gt_names
    set -l words (commandline -opc)
    command $words[1] __names $argv[1] $words[2..] 2>/dev/null
end
${lines(branches.flatMap(fishLines))}
`;

const fishLines = ({ path, words, options, names }: Branch): readonly string[] => {
  const here = `complete -c gt -n ${fishQuoted(`__gt_at '${path}'`)}`;
  const first = `complete -c gt -n ${fishQuoted(`__gt_first_at '${path}'`)}`;
  return [
    ...words.map(({ name, says }) => `${here} -f -a ${fishQuoted(name)} -d ${fishQuoted(says)}`),
    ...(names === undefined ? [] : [`${first} -f -a '(__gt_names ${names})'`]),
    ...options.map(({ name, short, takes, says, names: named, choices }) => {
      const spelled = `-l ${name.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}`;
      const value =
        named !== undefined
          ? ` -x -a '(__gt_names ${named})'`
          : choices.length > 0
            ? ` -x -a ${fishQuoted(choices.join(' '))}`
            : takes
              ? ' -r'
              : '';
      return `${here} ${spelled}${value} -d ${fishQuoted(says)}`;
    }),
  ];
};

/** Options whose value names something, with what. */
const namingFlags = (branches: readonly Branch[]): readonly (readonly [string, string])[] => {
  const found = new Map<string, string>();
  for (const { name, names } of branches.flatMap(({ options }) => options))
    if (names !== undefined) found.set(name, names);
  return [...found];
};

/** Options whose value is one of a few words, with all that it may be at any command. */
const choosingFlags = (branches: readonly Branch[]): readonly (readonly [string, readonly string[]])[] => {
  const found = new Map<string, Set<string>>();
  for (const { name, short, choices } of branches.flatMap(({ options }) => options))
    for (const flag of choices.length === 0 ? [] : [name, ...(short === undefined ? [] : [short])])
      found.set(flag, new Set([...(found.get(flag) ?? []), ...choices]));
  return [...found].map(([flag, words]) => [flag, [...words]]);
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
