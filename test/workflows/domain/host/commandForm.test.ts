import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filledArguments, filledBody, filledPath } from '../../../../workflows/domain/host/commandForm.ts';

const filling = fc.record({ model: fc.string({ minLength: 1, unit: 'binary' }), context: fc.nat() });

test('G9: whatever a name holds, it is one argument of a program, as it is', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('load', '{model}', '{context}', '-y')), filling, (argv, given) => {
      const filled = filledArguments(['lms', ...argv], given);
      const marked = argv.includes('{model}');
      expect(filled).toHaveLength(argv.length + 1 + (marked ? 0 : 1));
      filled.slice(1).forEach((one, index) => {
        const mark = argv[index] ?? '{model}';
        expect(one).toBe(mark === '{model}' ? given.model : mark === '{context}' ? `${given.context}` : mark);
      });
    }),
  );
});

test('G9: whatever a name holds, it stays inside its part of a path', () => {
  fc.assert(
    fc.property(filling, (given) => {
      fc.pre(given.model.isWellFormed());
      const url = new URL(filledPath('/a/x{model}/c?n={context}', given), 'http://host');
      expect(url.pathname.split('/')).toHaveLength(4);
      expect(decodeURIComponent(url.pathname.split('/')[2] ?? '')).toBe(`x${given.model}`);
      expect(url.search).toBe(`?n=${given.context}`);
    }),
  );
});

test('a body has the name where the mark is, and the context as a number', () => {
  fc.assert(
    fc.property(filling, (given) => {
      const body = {
        model: '{model}',
        load: { context_length: '{context}', name: 'gt {model}', keep: true },
        list: ['{model}', 1, null],
      };
      expect(filledBody(body, given)).toEqual({
        model: given.model,
        load: { context_length: given.context, name: `gt ${given.model}`, keep: true },
        list: [given.model, 1, null],
      });
    }),
  );
});

test('a probe is asked as it is written', () => {
  expect(filledArguments(['lms', 'ps', '--json'], undefined)).toEqual(['lms', 'ps', '--json']);
  expect(filledPath('/api/{model}', undefined)).toBe('/api/{model}');
});
