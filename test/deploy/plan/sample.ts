import { type Plan, parsePlan } from '../../../deploy/plan/index.ts';
import { configOf, soundConfig } from '../config/sample.ts';

export const config = configOf(soundConfig);

/** A town with two rigs. */
export const twoRigs = configOf(
  `${soundConfig}      - {name: lint, run: make lint}\n  site:\n    path: ../site\n    gates: [{name: links, run: make links}]\n`,
);

export const soundPlan = `title: A small parser
beads:
  - id: lexer
    title: Lex the input
    task: |
      Write src/lexer.ts.
    files: [src/lexer.ts]
  - id: parser
    title: Parse the tokens
    task: Write src/parser.ts.
    needs: [lexer]
  - id: printer
    title: Print the tree
    task: Write src/printer.ts.
    needs: [parser]
    gates: [tests]
`;

export const planOf = (text: string, town = config): Plan =>
  parsePlan(text, '/towns/small-parser.yaml', town);
