import { resolve } from 'node:path';
import { parseConfig, type Surroundings, type TownConfig } from '../../../deploy/config/index.ts';
import { InputRejected } from '../../../deploy/input/index.ts';

export const around: Surroundings = { env: {}, homedir: '/home/max', timeZone: 'UTC' };

/** A sound configuration in which every golden mistake is made by replacing one piece. */
export const soundConfig = `town:
  name: citadel
hosts:
  pit:
    kind: ollama
    url: http://127.0.0.1:11434
models:
  coder:
    name: qwen3-coder:30b
    context: 32768
    hosts: [pit]
rigs:
  app:
    path: ../app
    gates:
      - name: tests
        run: npm test
`;

export const configOf = (text: string): TownConfig =>
  parseConfig(text, resolve('/towns/gastown.yaml'), around);

/** The lines that a person sees for a text that is refused, without the folder of the file. */
export const mistakes = (read: () => unknown): string[] => {
  try {
    read();
  } catch (error) {
    if (!(error instanceof InputRejected)) throw error;
    return error.message.replaceAll('/towns/', '').split('\n').slice(0, -1);
  }
  return [];
};
