import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { repeatsItself, shortestPeriod } from '../../../activities/models/repetition.ts';
import { splitThinking } from '../../../activities/models/thinking.ts';
import { createTokenGauge } from '../../../activities/models/tokens.ts';

describe('thoughts before a reply', () => {
  test.each([
    ['<think>hm</think>\nanswer', 'answer'],
    ['\n<thinking>\nhm\n</thinking>answer', 'answer'],
    ['opened by the template\n</think>\n\nanswer', 'answer'],
    ['<think>never closed', ''],
    ['answer about <think> and </think> tags', 'answer about <think> and </think> tags'],
    ['```\n</think>\n```\n', '```\n</think>\n```\n'],
    ['', ''],
  ])('%j leaves %j', (reply, text) => {
    expect(splitThinking(reply).text).toBe(text);
  });

  test('nothing of an ordinary reply is lost', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (reply) => {
        fc.pre(!/<\/?think/.test(reply));
        expect(splitThinking(reply)).toEqual({ text: reply, thought: '' });
      }),
    );
  });
});

describe('endless repetition', () => {
  test('is seen in a long tail of one piece, whatever came before', () => {
    expect(repeatsItself(`import { a } from 'b';\n${'  return null;\n'.repeat(600)}`)).toBe(true);
  });

  test('is not seen in long tables whose lines differ, nor in short texts', () => {
    const table = Array.from({ length: 800 }, (_, n) => `  [${n}, 0, 0, 0],\n`).join('');
    expect(repeatsItself(table)).toBe(false);
    expect(repeatsItself('ha'.repeat(500))).toBe(false);
  });

  test('the shortest period is the shortest', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 6 }),
        fc.integer({ min: 2, max: 9 }),
        (piece, times) => {
          const text = piece.repeat(times);
          const period = shortestPeriod(text);
          expect(period).toBeLessThanOrEqual(piece.length);
          for (let at = period; at < text.length; at += 1) expect(text[at]).toBe(text[at - period]);
        },
      ),
    );
  });
});

describe('the gauge of prompt tokens', () => {
  test('learns the tokenizer of a model, and then sees smaller losses', () => {
    const gauge = createTokenGauge();
    expect(gauge.wasCut(10_000, 7_000)).toBe(false);
    for (let n = 0; n < 4; n += 1) gauge.learn(1_000, 1_300);
    expect(gauge.expected(10_000)).toBeCloseTo(13_000);
    expect(gauge.wasCut(10_000, 10_000)).toBe(true);
    expect(gauge.wasCut(10_000, 11_000)).toBe(false);
  });

  test('does not doubt a prompt that is smaller than one that was read whole', () => {
    const gauge = createTokenGauge();
    gauge.learn(8_000, 8_000);
    expect(gauge.wasCut(4_000, 1_000)).toBe(false);
  });
});
