import type { Command } from 'commander';
import { stopSignals } from '../../deploy/town/stopSignals.ts';
import { totalTokens } from '../../workflows/domain/host/model.ts';
import { beadKey } from '../../workflows/domain/naming.ts';
import { longestQuestion } from '../../workflows/domain/seance.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { Answer } from '../answer.ts';
import { mustExist } from '../beadsOnDisk.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { amount } from '../render/amounts.ts';
import { askMedium } from '../seance/ask.ts';
import { mediumOf } from '../seance/medium.ts';
import { type BeadTarget, readTarget } from '../targets.ts';
import { readTranscript, type TranscriptCall } from '../transcript.ts';
import { ClientError } from '../trouble.ts';

interface Options {
  readonly model?: string;
}

export const addSeance = (program: Command): void => {
  program
    .command('seance')
    .argument('<bead>', 'CONVOY/EPIC/BEAD')
    .argument('<question>', `what you want to know, at most ${longestQuestion} characters`)
    .summary('ask a finished conversation about its bead')
    .description(
      'Asks the model that worked on a bead (task) about it: why it did what it did, what was in its way. It reads the ' +
        'record of its last conversation (what it was asked, what it replied, what came of it). It changes nothing, and the ' +
        'answer is that of a model: check it. The call waits for its turn like any other, and is charged.',
    )
    .option('--model <key>', 'ask this model instead of the one that did the work')
    .addHelpText(
      'after',
      '\nExamples:\n  gt seance demo/core/parser "Why did you leave the lexer alone?"\n' +
        '  gt seance demo/core/parser "What kept failing?" --model big',
    )
    .action(answering(seance));
};

const seance = async (call: Call<Options>, name: string, asked: string): Promise<Answer> => {
  const target = readTarget(name, ['bead']);
  const question = readQuestion(asked);
  const { config } = await call.configured();
  const { home, client } = await call.town();
  const all = await readTranscript(home, beadKey(target));
  if (all.length === 0) await mustExist(home, client, target);
  const model = call.options.model ?? writerOf(target, all);
  const medium = await mediumOf({
    config,
    client,
    model,
    bead: target.name,
    named: call.options.model !== undefined,
  });
  using signals = stopSignals();
  const { text, result, id } = await askMedium({
    ...{ config, client, home, medium, question },
    ref: { convoy: target.convoy, epic: target.epic, bead: target.bead },
    signal: signals.drain,
  });
  const tokens = totalTokens(result.usage);
  return {
    data: {
      bead: target.name,
      model,
      question,
      answer: text,
      finish: result.finish,
      usage: result.usage,
      workflow: id,
    },
    lines: (terminal) => [
      ...plainLines(text).trim().split('\n'),
      '',
      terminal.paint(
        'dim',
        `${oneLine(model)} on what is recorded of ${target.name}, ${amount(tokens)} tokens${result.finish === 'length' ? '; cut at its longest reply' : ''}`,
      ),
    ],
    asIs: true,
  };
};

const readQuestion = (asked: string): string => {
  const question = asked.trim();
  if (question !== '' && question.length <= longestQuestion) return question;
  throw new ClientError(exitCode.badInput, {
    type: 'BadQuestion',
    what: question === '' ? 'The question is empty.' : 'The question is too long.',
    evidence: question === '' ? '' : `${question.length} characters; at most ${longestQuestion}`,
    next: 'Ask it in quotes, such as: gt seance demo/core/parser "What kept failing?"',
  });
};

/** The model of the newest reply to the polecat itself. */
const writerOf = (target: BeadTarget, calls: readonly TranscriptCall[]): string => {
  const writer = calls.findLast(
    ({ replyRef, role = 'polecat' }) => replyRef !== undefined && role === 'polecat',
  );
  if (writer !== undefined) return writer.model;
  throw new ClientError(exitCode.refused, {
    type: 'NothingSaid',
    what: `No model has said anything about ${target.name} yet, so there is nobody to ask.`,
    evidence:
      calls.length === 0 ? 'it has no transcript' : `${calls.length} calls are recorded, none with a reply`,
    next: `See what there is with \`gt bead log ${target.name}\`.`,
  });
};
