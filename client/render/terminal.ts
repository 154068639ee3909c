import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What a page of output may use: how wide it is, whether it can be redrawn, whether it may have colour. */
export interface Terminal {
  readonly width: number;
  readonly redraws: boolean;
  paint(style: Style, text: string): string;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** NO_COLOR and TERM=dumb are honoured; a pipe gets plain lines, as wide as they need to be. */
export const terminalOf = (stream: Stream, env: NodeJS.ProcessEnv = process.env): Terminal => {
  const tty = stream.isTTY === true;
  const colour = tty && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  return {
    width: tty ? Math.max(40, stream.columns ?? 80) : Number.POSITIVE_INFINITY,
    redraws: tty && env.TERM !== 'dumb',
    paint: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
  };
};

/** Cuts a line to the terminal, with a mark that something is missing. */
export const cut = (text: string, width: number): string => {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
};
