/** What of a language can be told line by line. */
export interface Language {
  readonly key: string;
  readonly files: RegExp;
  /** Each finds one kind of name that a line gives to others; the first group is what is shown. */
  readonly names: readonly RegExp[];
  /** Each finds what a line takes from elsewhere; the first group names it as the language does. */
  readonly imports: readonly RegExp[];
}

/**
 * By regular expressions: good enough to find one's way by, no parser to build or keep for each language. They see one line
 * at a time and no long ones, which also bounds what a hostile file can cost.
 */
const languages: readonly Language[] = [
  {
    key: 'js',
    files: /\.(?:[cm]?[jt]sx?|vue|svelte)$/,
    names: [
      /^export\s+(?:default\s+)?((?:declare\s+)?(?:async\s+)?(?:abstract\s+)?(?:function\*?|class|interface|type|enum|namespace|const|let|var)\s+[\w$]+)/,
      /^(?:module\.)?exports\.([\w$]+)\s*=/,
      /^((?:async\s+)?(?:function\*?|class)\s+[\w$]+)/,
    ],
    imports: [
      /\b(?:from|import)\s*\(?\s*['"]([^'"\s]{1,200})['"]/,
      /\brequire(?:\.resolve)?\s*\(\s*['"]([^'"\s]{1,200})['"]/,
    ],
  },
  {
    key: 'python',
    files: /\.pyi?$/,
    names: [/^((?:async\s+)?def\s+\w+\([^)]{0,80}\)?|class\s+\w+)/, /^ {4}((?:async\s+)?def\s+(?!_)\w+)/],
    imports: [/^\s*from\s+(\.*[\w.]*\s+import\s+[\w, ()]{1,200})/, /^\s*import\s+([\w.]+(?:\s*,\s*[\w.]+)*)/],
  },
  {
    key: 'go',
    files: /\.go$/,
    names: [/^(func\s+(?:\([^)]{0,60}\)\s*)?[A-Z]\w*\([^)]{0,80}\)?|type\s+[A-Z]\w*\s+\w+)/],
    imports: [/^(?:import)?\s*(?:[\w.]+\s+)?"([\w.\-/]{1,200})"\s*$/],
  },
  {
    key: 'rust',
    files: /\.rs$/,
    names: [
      /^\s*(pub(?:\([^)]{0,20}\))?\s+(?:async\s+|unsafe\s+|const\s+)*(?:fn|struct|enum|trait|type|const|static|mod|macro)\s+\w+)/,
      /^(macro_rules!\s+\w+)/,
    ],
    imports: [
      /^\s*(?:pub(?:\([^)]{0,20}\))?\s+)?(mod\s+\w+)\s*;/,
      /^\s*(?:pub(?:\([^)]{0,20}\))?\s+)?use\s+([\w:]{1,200})/,
    ],
  },
  {
    key: 'jvm',
    files: /\.(?:java|kt|kts|scala|groovy)$/,
    names: [
      /^\s*(?:(?:public|protected|internal|open|override|static|final|abstract|sealed|data|inline|suspend|case|annotation)\s+)*((?:class|interface|enum|record|object|trait|fun|def)\s+(?:class\s+)?\w+)/,
      /^\s+public\s+(?:(?:static|final|abstract|synchronized)\s+)*(?:<[^>]{1,60}>\s*)?([\w<>[\],.?]{1,60}\s+\w+\([^)]{0,80}\)?)/,
    ],
    imports: [/^\s*import\s+(?:static\s+)?([\w.]{1,200})/],
  },
  {
    key: 'csharp',
    files: /\.cs$/,
    names: [
      /^\s*(?:(?:public|internal|protected|static|sealed|abstract|partial|readonly|unsafe)\s+)*((?:class|interface|enum|record|struct|delegate)\s+\w+)/,
      /^\s+public\s+(?:(?:static|virtual|override|async|abstract)\s+)*([\w<>[\],.?]{1,60}\s+\w+\([^)]{0,80}\)?)/,
    ],
    imports: [/^\s*using\s+(?:static\s+)?([\w.]{1,200})\s*;/],
  },
  {
    key: 'swift',
    files: /\.swift$/,
    names: [
      /^\s*(?:(?:public|open|internal|final|static|override|mutating|@\w+)\s+)*((?:class|struct|enum|protocol|extension|actor|func|typealias)\s+\w+)/,
    ],
    imports: [],
  },
  {
    key: 'c',
    files: /\.(?:c|h|cc|cpp|cxx|hh|hpp|hxx|inl|m|mm)$/,
    names: [
      /^\s{0,4}((?:typedef\s+)?(?:struct|class|enum(?:\s+class)?|union|namespace|@interface|@protocol)\s+\w+)\s*(?!.*;\s*$)/,
      /^(#\s*define\s+\w+)/,
      /^(?!(?:if|for|while|switch|return|else|do|case|goto)\b)([A-Za-z_][\w\s*&:<>,~]{0,80}?\b[\w~]+\([^;{]{0,100})(?:\)|,)\s*(?:const)?\s*[;{,]?\s*$/,
    ],
    imports: [/^\s*#\s*(?:include|import)\s+["<]([^">\s]{1,200})[">]/],
  },
  {
    key: 'ruby',
    files: /(?:\.(?:rb|rake|gemspec)|(?:^|\/)(?:Rakefile|Gemfile))$/,
    names: [/^\s*((?:def|class|module)\s+[\w.:?!=]+)/],
    imports: [
      /^\s*(?:require|load|autoload\s+:\w+,)\s*\(?\s*['"]([^'"\s]{1,200})['"]/,
      /^\s*require_relative\s*\(?\s*['"]([^'"\s]{1,200})['"]/,
    ],
  },
  {
    key: 'php',
    files: /\.php$/,
    names: [
      /^\s*((?:(?:abstract|final|readonly|public|static)\s+)*(?:class|interface|trait|enum|function)\s+\w+)/,
    ],
    imports: [
      /^\s*use\s+(?:function\s+|const\s+)?([\w\\]{1,200})/,
      /\b(?:require|include)(?:_once)?\b[^'"]{0,60}['"]([^'"\s]{1,200})['"]/,
    ],
  },
  {
    key: 'shell',
    files: /\.(?:sh|bash|zsh|bats)$/,
    names: [/^(?:function\s+)?([\w-]+)\s*\(\)/, /^function\s+([\w-]+)/],
    imports: [/^\s*(?:source|\.)\s+["']?(?:\$\{?\w+\}?\/)?([\w./-]{1,200})/],
  },
  {
    key: 'elixir',
    files: /\.exs?$/,
    names: [/^\s*((?:defmodule|def|defmacro)\s+[\w.?!]+)/],
    imports: [],
  },
  {
    key: 'sql',
    files: /\.sql$/i,
    names: [
      /^\s*(create\s+(?:or\s+replace\s+)?(?:table|view|function|procedure|index)\s+(?:if\s+not\s+exists\s+)?[\w."]+)/i,
    ],
    imports: [],
  },
  {
    key: 'markdown',
    files: /\.(?:md|markdown|mdx)$/i,
    names: [/^#{1,3}\s+(.+)$/],
    imports: [/\]\((?!\w+:)([^)#?\s]{1,200})/],
  },
];

/** The language of a file by its name; undefined for those that we have no rules for. */
export const languageOf = (path: string): Language | undefined =>
  languages.find(({ files }) => files.test(path));
