import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stamped, stampOf } from '../../../workflows/domain/stamp.ts';

test('an answer that sets the clock has the time beside what it had; all others are as they were', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (answer, now) => {
      expect(stampOf(stamped('modelOutlook', answer, now))).toBe(now);
      expect(stamped('modelOutlook', answer, now)).toMatchObject(answer);
      expect(stamped('land', answer, now)).toBe(answer);
    }),
  );
  for (const answer of [undefined, null, 'text', 3, ['a']])
    expect(stamped('openBead', answer, 1)).toBe(answer);
});

test('what has no stamp, or one that is no number, sets no clock', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (answer) => {
      const at = stampOf({ stampedAt: answer });
      expect(at).toBe(typeof answer === 'number' ? answer : undefined);
    }),
  );
  for (const answer of [undefined, null, 'text', [1], {}]) expect(stampOf(answer)).toBeUndefined();
});
