/** Colours of models, in light and dark: apart from each other for most eyes, and each with its name beside it. */
const colours: readonly (readonly [light: string, dark: string])[] = [
  ['#0b6bcb', '#5aa9f7'],
  ['#b85c00', '#f0a35e'],
  ['#0b7a53', '#4cc49a'],
  ['#b0379a', '#e07fd0'],
  ['#8a6d00', '#d6b93d'],
  ['#6a4cc9', '#a893f0'],
  ['#c2334d', '#f0808f'],
  ['#35707e', '#7fc0cf'],
];

/** The class of the nth model. More models than colours share them: their names tell them apart. */
export const colourOf = (index: number): string => `m${index % colours.length}`;

const rules = (mode: 0 | 1): string =>
  colours.map((pair, index) => `.m${index}{fill:${pair[mode]};stroke:${pair[mode]}}`).join('');

/** Plain rules and no variables, which viewers other than browsers do not know. */
export const styleSheet = (): string =>
  [
    'text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#1c2024;stroke:none}',
    '.page{fill:#ffffff}.lane{fill:#f2f4f6}.grid{stroke:#d5dae0;stroke-width:1}',
    '.title{font-size:18px;font-weight:600}.host{font-size:14px;font-weight:600}.small{font-size:11px}',
    '.quiet{fill:#5b6670}.label{font-size:11px}.bead{font-size:9px;fill:#ffffff}.faint{fill:#1c2024}',
    '.session{fill-opacity:.3;stroke-width:1}.drain{fill-opacity:.12;stroke-width:1;stroke-dasharray:3 2}',
    '.load{fill-opacity:.9;stroke-width:0}.unload{fill:#8b959e;fill-opacity:.7;stroke:none}',
    '.call{stroke:none}.failed{fill-opacity:.35}.other{fill:#b4bcc4;stroke:none}',
    '.hatch{stroke:#ffffff;stroke-width:2;stroke-opacity:.75}',
    rules(0),
    '@media (prefers-color-scheme:dark){',
    'text{fill:#e8eaed}.page{fill:#15181b}.lane{fill:#20252a}.grid{stroke:#353c43}.quiet{fill:#9aa5af}',
    '.bead{fill:#101316}.faint{fill:#e8eaed}.other{fill:#59636c}.unload{fill:#7c868f}.hatch{stroke:#15181b}',
    `${rules(1)}}`,
  ].join('');
