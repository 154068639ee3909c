import { describe, expect, test } from 'vitest';
import { configOf, mistakes, soundConfig } from './sample.ts';

/** Each mistake as what is replaced, by what, and what the person then sees. */
const golden: readonly (readonly [title: string, old: string | RegExp, now: string, ...lines: string[]])[] = [
  [
    'a misspelt field',
    'context:',
    'contxt:',
    'gastown.yaml:9:5: models.coder.context: is missing. Expected tokens: a whole number from 1,024 to 4,000,000.',
    'gastown.yaml:10:5: no field "contxt" is known in models.coder. Did you mean "context"?',
  ],
  [
    'a misspelt section',
    'hosts:\n  pit',
    'host:\n  pit',
    'gastown.yaml:1:1: hosts: is missing. Expected a map from name to host.',
    'gastown.yaml:3:1: no field "host" is known at the top of this file. Did you mean "hosts"?',
  ],
  [
    'an unknown field',
    'kind: ollama',
    'kind: ollama\n    colour: rust',
    'gastown.yaml:6:5: no field "colour" is known in hosts.pit. Known there: kind, url, slots, coresident, memory, reserve, sleep, commands, apiKeyEnv, quiet.',
  ],
  [
    'a number as text',
    'context: 32768',
    'context: lots',
    'gastown.yaml:10:14: models.coder.context: found "lots". Expected tokens: a whole number from 1,024 to 4,000,000.',
  ],
  [
    'a number out of range',
    'context: 32768',
    'context: 12',
    'gastown.yaml:10:14: models.coder.context: found 12. Expected tokens: a whole number from 1,024 to 4,000,000.',
  ],
  [
    'a fraction',
    'context: 32768',
    'context: 32768.5',
    'gastown.yaml:10:14: models.coder.context: found 32768.5. Expected tokens: a whole number from 1,024 to 4,000,000.',
  ],
  [
    'a kind that is none',
    'kind: ollama',
    'kind: lama',
    'gastown.yaml:5:11: hosts.pit.kind: found "lama". Expected one of ollama, openai, command.',
  ],
  [
    'a host of kind command without commands',
    'kind: ollama',
    'kind: command',
    'gastown.yaml:5:11: hosts.pit.kind: a host of kind command needs commands. Add commands with load.',
  ],
  [
    'commands and a sleep mode where there can be none',
    'kind: ollama',
    'kind: ollama\n    sleep: true\n    commands: { load: [lms, load] }',
    'gastown.yaml:6:12: hosts.pit.sleep: a host of kind ollama has no sleep mode of vLLM. Set kind: openai, or remove sleep.',
    'gastown.yaml:7:15: hosts.pit.commands: a host of kind ollama is not told by commands. Set kind: command, or remove commands.',
  ],
  [
    'a command line in the place of a program with its arguments',
    'kind: ollama',
    'kind: command\n    commands: { load: lms load }',
    'gastown.yaml:6:23: hosts.pit.commands.load: found "lms load". Expected a program with its arguments such as [lms, load, "{model}"], or a call to the host such as {post: /api/v1/models/load, body: {model: "{model}"}} or {get: /api/v1/models}.',
  ],
  [
    'a reserve that leaves nothing',
    'kind: ollama',
    'kind: ollama\n    memory: 8GiB\n    reserve: 8192MiB',
    'gastown.yaml:7:14: hosts.pit.reserve: leaves no memory for models. Set less than memory.',
  ],
  [
    'nothing after a key',
    'kind: ollama',
    'kind:',
    'gastown.yaml:5:10: hosts.pit.kind: found nothing. Expected one of ollama, openai, command.',
  ],
  [
    'a missing field',
    '    kind: ollama\n',
    '',
    'gastown.yaml:5:5: hosts.pit.kind: is missing. Expected one of ollama, openai, command.',
  ],
  [
    'an unfit name',
    '  coder:',
    '  Coder_1:',
    'gastown.yaml:8:3: models: "Coder_1" is not a usable name. Expected a-z, 0-9 and -, starting with a letter or digit, at most 40 characters.',
  ],
  [
    'a URL with a path',
    ':11434',
    ':11434/v1',
    'gastown.yaml:6:10: hosts.pit.url: "http://127.0.0.1:11434/v1" has a path; write http://127.0.0.1:11434. Expected a URL such as http://127.0.0.1:11434, without a path.',
  ],
  [
    'a URL without a scheme',
    'http://127.0.0.1:11434',
    '127.0.0.1:11434',
    'gastown.yaml:6:10: hosts.pit.url: "127.0.0.1:11434" is not an http or https URL. Expected a URL such as http://127.0.0.1:11434, without a path.',
  ],
  [
    'a URL with a password',
    'http://127',
    'http://max:s3cret@127',
    'gastown.yaml:6:10: hosts.pit.url: "http://…@127.0.0.1:11434" holds a user or password; use apiKeyEnv. Expected a URL such as http://127.0.0.1:11434, without a path.',
  ],
  [
    'a key where its name belongs',
    'kind: ollama',
    'kind: ollama\n    apiKeyEnv: sk-abc123def456',
    'gastown.yaml:6:16: hosts.pit.apiKeyEnv: found a text of 15 characters (not shown here). Expected the name of an environment variable such as MY_HOST_KEY, never the key itself.',
  ],
  [
    'a key in the file',
    'kind: ollama',
    'kind: ollama\n    apiKey: sk-abc123def456',
    'gastown.yaml:6:5: no field "apiKey" is known in hosts.pit. Did you mean "apiKeyEnv"?',
  ],
  [
    'a planner elsewhere without an address',
    'rigs:',
    'roles: { mayor: { provider: openai, model: big } }\nrigs:',
    'gastown.yaml:12:17: roles.mayor: nothing says where the server is. Add baseUrl: https://HOST.',
  ],
  [
    'a planner that is no model',
    'rigs:',
    'roles: { mayor: codr }\nrigs:',
    'gastown.yaml:12:17: roles.mayor: no model "codr" is configured. Did you mean "coder"? Known: coder.',
  ],
  [
    'quiet hours in another form',
    'kind: ollama',
    'kind: ollama\n    quiet: [8-18]',
    'gastown.yaml:6:13: hosts.pit.quiet[0]: found "8-18". Expected a span of the day such as 08:00-18:30.',
  ],
  [
    'an unknown host',
    'hosts: [pit]',
    'hosts: [pitt]',
    'gastown.yaml:11:13: models.coder.hosts[0]: no host "pitt" is configured. Did you mean "pit"? Known: pit.',
  ],
  [
    'a host where a list belongs',
    'hosts: [pit]',
    'hosts: pit',
    'gastown.yaml:11:12: models.coder.hosts: found "pit". Expected a list of hosts by key, at least one.',
  ],
  [
    'no host for a model',
    'hosts: [pit]',
    'hosts: []',
    'gastown.yaml:11:12: models.coder.hosts: found an empty list. Expected a list of hosts by key, at least one.',
  ],
  [
    'replies larger than the context',
    'context: 32768',
    'context: 4096',
    'gastown.yaml:10:14: models.coder.context: replies of 4096 tokens leave too little of a context of 4096 for the prompt. Set maxTokens to 2048 or less.',
  ],
  [
    'a duration without a unit',
    'hosts: [pit]',
    'hosts: [pit]\n    idleTimeout: soon',
    'gastown.yaml:12:18: models.coder.idleTimeout: found "soon". Expected a duration such as 250ms, 90s, 5m or 1h, or a number of milliseconds.',
  ],
  [
    'a role with an unknown model',
    'rigs:',
    'roles:\n  polecat: codr\nrigs:',
    'gastown.yaml:13:12: roles.polecat: no model "codr" is configured. Did you mean "coder"? Known: coder.',
  ],
  [
    'a ladder with an unknown model',
    'rigs:',
    'roles:\n  polecat: [coder, cloud]\nrigs:',
    'gastown.yaml:13:20: roles.polecat[1]: no model "cloud" is configured. Known: coder.',
  ],
  [
    'tiers without default',
    'rigs:',
    'roles:\n  polecat: {large: coder}\nrigs:',
    'gastown.yaml:13:12: roles.polecat: no tier "default", which beads without a tier use. Add default: <the key of a model>.',
  ],
  [
    'a role of a wrong shape',
    'rigs:',
    'roles:\n  polecat: 5\nrigs:',
    'gastown.yaml:13:12: roles.polecat: found 5. Expected the key of a model, a list of keys to climb, or a map from tier to one of these with a tier "default".',
  ],
  [
    'a ladder of wrong entries',
    'rigs:',
    'roles:\n  polecat: [5]\nrigs:',
    'gastown.yaml:13:13: roles.polecat[0]: found 5. Expected the key of a model under models.',
  ],
  [
    'a placeholder that is none',
    'path: ../app',
    'path: ../app\n    format: "fmt {file}"',
    'gastown.yaml:15:13: rigs.app.format: "fmt {file}" has {file}, which is filled with nothing here: write {files}. Expected a shell command line such as npx biome check --write {files}.',
  ],
  [
    'a placeholder inside quotes',
    'path: ../app',
    "path: ../app\n    format: fmt '{files}'",
    'gastown.yaml:15:13: rigs.app.format: "fmt \'{files}\'" has {files} inside quotes: each file is quoted already, so write it bare. Expected a shell command line such as npx biome check --write {files}.',
  ],
  [
    'nearest tests without a place for them',
    'path: ../app',
    'path: ../app\n    nearest: npm test',
    'gastown.yaml:15:14: rigs.app.nearest: "npm test" lacks {tests} or {folders}. Expected a shell command line such as npx vitest run {tests}.',
  ],
  [
    'a rig without gates',
    /    gates:[^]*$/,
    '',
    'gastown.yaml:14:5: rigs.app.gates: is missing. The town keeps the branch green by landing only what passed every gate (G2): without gates, anything would land.',
  ],
  [
    'an empty list of gates',
    /    gates:[^]*$/,
    '    gates: []\n',
    'gastown.yaml:15:12: rigs.app.gates: the list is empty. The town keeps the branch green by landing only what passed every gate (G2): without gates, anything would land.',
  ],
  [
    'two gates of one name',
    /$/,
    '      - {name: tests, run: make}\n',
    'gastown.yaml:18:16: rigs.app.gates[1].name: the gate "tests" is named twice. Give every gate of a rig its own name.',
  ],
  [
    'a gate without a command',
    'run: npm test',
    'run: ""',
    'gastown.yaml:17:14: rigs.app.gates[0].run: found an empty text. Expected a shell command line such as npm test.',
  ],
  [
    'path and url',
    'path: ../app',
    'path: ../app\n    url: https://example.com/app.git',
    'gastown.yaml:15:5: rigs.app: path and url are both given. Keep one of them.',
  ],
  [
    'neither path nor url',
    '    path: ../app\n',
    '',
    'gastown.yaml:14:5: rigs.app: neither path nor url is given. Say where the repository is.',
  ],
  [
    'a password in the URL of a rig',
    'path: ../app',
    'url: https://max:s3cret@example.com/app.git',
    'gastown.yaml:14:10: rigs.app.url: "https://…@example.com/app.git" holds a password. Expected a URL that git understands.',
  ],
  [
    'an unknown way to land',
    'path: ../app',
    'path: ../app\n    land: force',
    'gastown.yaml:15:11: rigs.app.land: "force" is no way to land. Expected push, local, or branch:<name>.',
  ],
  [
    'landing on the branch to merge into',
    'path: ../app',
    'path: ../app\n    land: branch:main',
    'gastown.yaml:15:11: rigs.app.land: lands on the very branch that a person is to merge into. Write push, or another branch such as branch:gastown/main.',
  ],
  [
    'a branch that is none',
    'path: ../app',
    'path: ../app\n    branch: a..b',
    'gastown.yaml:15:13: rigs.app.branch: "a..b" is no name of a branch. Expected the name of a branch, such as main.',
  ],
  [
    'a cache outside',
    'path: ../app',
    'path: ../app\n    setup: make\n    cacheKey: [a]\n    caches: [../up]',
    'gastown.yaml:17:14: rigs.app.caches[0]: "../up" leaves the repository or has an unusual form. Expected a path inside the repository with forward slashes, such as src/index.ts.',
  ],
  [
    'a cache without set-up',
    'path: ../app',
    'path: ../app\n    caches: [node_modules]',
    'gastown.yaml:15:13: rigs.app.caches: no setup makes these. Add setup: <the command that makes them>.',
  ],
  [
    'a time zone that is none',
    'name: citadel',
    'name: citadel\n  timeZone: Mars/Base',
    'gastown.yaml:3:13: town.timeZone: "Mars/Base" is not a time zone that this machine knows. Expected an IANA time zone such as Europe/Berlin or UTC.',
  ],
  [
    'no rigs at all',
    /rigs:[^]*$/,
    'rigs: {}\n',
    'gastown.yaml:12:7: rigs: no rig is named. Name at least one rig.',
  ],
  [
    'a list where a map belongs',
    /rigs:[^]*$/,
    'rigs: [app]\n',
    'gastown.yaml:12:7: rigs: found a list. Expected a map from name to rig.',
  ],
  [
    'a key written twice',
    'kind: ollama',
    'kind: ollama\n    kind: openai',
    'gastown.yaml:6:5: this key is written twice in the same map. Keep one of them.',
  ],
  [
    'a tab',
    '  pit:',
    '\tpit:',
    'gastown.yaml:4:1: a tab indents this line. Indent with spaces: YAML takes no tabs there.',
  ],
  [
    'an open bracket',
    'hosts: [pit]',
    'hosts: [pit',
    'gastown.yaml:12:1: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ].',
  ],
  [
    'a tag',
    'context: 32768',
    'context: !!python/object 1',
    'gastown.yaml:10:14: a tag is not taken here: Unresolved tag: tag:yaml.org,2002:python/object. Write the value without a tag.',
  ],
  [
    'two documents',
    /$/,
    '---\na: 1\n',
    'gastown.yaml:18:1: a second document begins here (---). Write one document a file.',
  ],
  [
    'terminal escapes in a value',
    'kind: ollama',
    'kind: "\\e[31mred\\u202e"',
    'gastown.yaml:5:11: hosts.pit.kind: found "red" (with control characters). Expected one of ollama, openai, command.',
  ],
  [
    'metrics for a name instead of an address',
    /$/,
    '\nmetrics: {address: localhost, port: 70000}\n',
    'gastown.yaml:19:20: metrics.address: "localhost" is no IP address. Expected an IP address of this machine.',
    'gastown.yaml:19:37: metrics.port: found 70000. Expected a port: a whole number from 0 to 65,534.',
  ],
  [
    'many mistakes at once',
    /[^]*/,
    'town: {name: "No"}\nhosts: {}\nmodels: {m: {hosts: [x]}}\nrigs: {}\nsandbox: maybe\nbudget: 1\n',
    'gastown.yaml:1:14: town.name: found "No". Expected a name of a-z, 0-9 and -, starting with a letter or digit, at most 40 characters.',
    'gastown.yaml:2:8: hosts: no host is named. Name at least one host.',
    'gastown.yaml:3:13: models.m.name: is missing. Expected the name of the model on its hosts, such as qwen3-coder:30b.',
    'gastown.yaml:3:13: models.m.context: is missing. Expected tokens: a whole number from 1,024 to 4,000,000.',
    'gastown.yaml:4:7: rigs: no rig is named. Name at least one rig.',
    'gastown.yaml:5:10: sandbox: found "maybe". Expected one of required, off, sample.',
    'gastown.yaml:6:1: no field "budget" is known at the top of this file. Known there: $schema, town, hosts, models, roles, rigs, limits, fleet, tiers, patrol, notify, sandbox, metrics, temporal.',
  ],
];

describe('a mistake in gastown.yaml is told with its line, its column and the accepted form', () => {
  for (const [title, old, now, ...lines] of golden) {
    test(title, () => {
      const text = soundConfig.replace(old, () => now);
      expect(text).not.toBe(soundConfig);
      expect(mistakes(() => configOf(text))).toEqual(lines);
    });
  }
});
