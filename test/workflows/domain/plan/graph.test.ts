import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkGraph,
  criticalPath,
  dependentsOf,
  type GraphNode,
  graphFaultText,
  maxNodes,
  readySet,
  upwardRank,
  waveOf,
  waves,
} from '../../../../workflows/domain/plan/graph.ts';

const node = (id: string, ...needs: string[]): GraphNode => ({ id, needs });
const texts = (...nodes: GraphNode[]): string[] => checkGraph(nodes).map(graphFaultText);

/** Any graph whose nodes need only earlier ones, in shuffled order. */
const dag = fc
  .integer({ min: 1, max: 30 })
  .chain((count) =>
    fc.tuple(
      ...Array.from({ length: count }, (_, index) =>
        fc.subarray(
          Array.from({ length: index }, (_, need) => `n${need}`),
          { maxLength: Math.min(4, index) },
        ),
      ),
    ),
  )
  .map((needs): GraphNode[] => needs.map((list, index) => ({ id: `n${index}`, needs: list })))
  .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }));

/** Any graph at all over a few names. */
const graph = fc.array(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    needs: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'zz'), { maxLength: 3 }),
  }),
  { maxLength: 8 },
);

describe('checkGraph', () => {
  test('says nothing of a sound graph', () => {
    expect(texts(node('a'), node('b', 'a'), node('c', 'a', 'b'))).toEqual([]);
  });

  test('names a cycle with its ids in order', () => {
    expect(texts(node('a', 'b'), node('b', 'c'), node('c', 'a'), node('d', 'a'))).toEqual([
      'a cycle: a → b → c → a (each needs the next)',
    ]);
  });

  test('tells one cycle of every knot, the shortest through its first node', () => {
    const faults = texts(
      node('a', 'b', 'c'),
      node('b', 'a'),
      node('c', 'b'),
      node('x', 'y', 'a'),
      node('y', 'x'),
    );
    expect(faults).toEqual([
      'a cycle: a → b → a (each needs the next)',
      'a cycle: x → y → x (each needs the next)',
    ]);
  });

  test('points at the entries of the cycle', () => {
    const [fault] = checkGraph([node('s'), node('a', 's', 'b'), node('b', 'a')]);
    expect(fault).toMatchObject({
      kind: 'cycle',
      edges: [
        { node: 1, need: 1 },
        { node: 2, need: 0 },
      ],
    });
  });

  test('suggests the nearest id for an unknown need, never the one that needs it', () => {
    expect(texts(node('parser'), node('printer', 'parsre'), node('lexer', 'lexers'))).toEqual([
      '"printer" needs "parsre", which does not exist; did you mean "parser"?',
      '"lexer" needs "lexers", which does not exist',
    ]);
  });

  test('refuses unfit, double and self-needing ids', () => {
    expect(texts(node('Parser'), node('parser'), node('parser'), node('x', 'x'), node('../up'))).toEqual([
      '"Parser" is not a usable id: a-z, 0-9 and -, starting with a letter or digit, at most 40 characters',
      'the ids "Parser" and "parser" differ only in case',
      'the id "parser" is used twice',
      '"../up" is not a usable id: a-z, 0-9 and -, starting with a letter or digit, at most 40 characters',
      '"x" needs itself',
    ]);
  });

  test('takes 400 nodes and refuses 401', () => {
    const chain = Array.from({ length: maxNodes + 1 }, (_, index) => node(`n${index}`));
    expect(checkGraph(chain.slice(1))).toEqual([]);
    expect(texts(...chain)).toEqual(['401 are more than 400; split them into epics that need epics']);
  });

  test('is quick on the densest graphs of 400 nodes, with and without cycles', () => {
    const ids = Array.from({ length: maxNodes }, (_, index) => `n${index}`);
    const dense = ids.map((id, index) => ({ id, needs: ids.slice(0, index) }));
    const knotted = ids.map((id, index) => ({
      id,
      needs: ids.slice(0, index % 2 === 0 ? index + 2 : index),
    }));
    const start = performance.now();
    expect(checkGraph(dense)).toEqual([]);
    expect(checkGraph(knotted).filter(({ kind }) => kind === 'cycle')).toHaveLength(maxNodes / 2);
    expect(criticalPath(dense).length).toBe(maxNodes);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('property: finds nothing in a DAG', () => {
    fc.assert(fc.property(dag, (nodes) => void expect(checkGraph(nodes)).toEqual([])));
  });

  test('property: every cycle it reports is one, and without faults the waves hold every node', () => {
    fc.assert(
      fc.property(graph, (nodes) => {
        const faults = checkGraph(nodes);
        for (const fault of faults) {
          if (fault.kind !== 'cycle') continue;
          expect(fault.ids.length).toBeGreaterThan(2);
          expect(fault.ids[0]).toBe(fault.ids.at(-1));
          fault.edges.forEach((edge, index) => {
            expect(nodes[edge.node]?.id).toBe(fault.ids[index]);
            expect(nodes[edge.node]?.needs[edge.need]).toBe(fault.ids[index + 1]);
          });
        }
        if (faults.length === 0) expect(waves(nodes).flat()).toHaveLength(nodes.length);
        const onlyCycles = faults.length > 0 && faults.every(({ kind }) => kind === 'cycle');
        if (onlyCycles) expect(waves(nodes).flat().length).toBeLessThan(nodes.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('waves', () => {
  test('are the depths, each in the order of the plan', () => {
    const nodes = [node('d', 'b', 'c'), node('c', 'a'), node('a'), node('b', 'a'), node('e')];
    expect(waves(nodes)).toEqual([['a', 'e'], ['c', 'b'], ['d']]);
  });

  test('property: a node is exactly one deeper than the deepest that it needs', () => {
    fc.assert(
      fc.property(dag, (nodes) => {
        const depth = waveOf(nodes);
        for (const { id, needs } of nodes) {
          expect(depth.get(id)).toBe(
            Math.max(0, ...needs.map((need) => (depth.get(need) ?? Number.NaN) + 1)),
          );
        }
      }),
    );
  });
});

describe('readySet', () => {
  const nodes = [node('a'), node('b', 'a'), node('c', 'b'), node('x')];
  const none = new Set<string>();

  test('G1: holds a bead until everything it needs has landed', () => {
    expect(readySet({ nodes, landed: none, started: none })).toEqual(['a', 'x']);
    expect(readySet({ nodes, landed: none, started: new Set(['a']) })).toEqual(['x']);
    expect(readySet({ nodes, landed: new Set(['a']), started: new Set(['a', 'x']) })).toEqual(['b']);
  });

  test('puts the longest chain first', () => {
    const late = [node('x'), node('y', 'x'), node('a'), node('b', 'a'), node('c', 'b')];
    expect(readySet({ nodes: late, landed: none, started: none })).toEqual(['a', 'x']);
  });

  test('with waves, starts nothing before the earlier wave is settled, however it ended', () => {
    const landed = new Set(['a']);
    const started = new Set(['a', 'x']);
    expect(readySet({ nodes, landed, started, pacing: 'waves' })).toEqual([]);
    expect(readySet({ nodes, landed, started, pacing: 'waves', settled: new Set(['x']) })).toEqual(['b']);
  });

  for (const pacing of ['ready', 'waves'] as const) {
    test(`property: pacing ${pacing} finishes every DAG, whatever lands first`, () => {
      fc.assert(
        fc.property(dag, fc.integer({ min: 1, max: 5 }), fc.nat(), (graphNodes, maxParallel, seed) => {
          const landed = new Set<string>();
          const started = new Set<string>();
          const running: string[] = [];
          for (let step = 0; landed.size < graphNodes.length; step++) {
            const ready = readySet({ nodes: graphNodes, landed, started, pacing });
            for (const id of ready.slice(0, maxParallel - running.length)) {
              started.add(id);
              running.push(id);
            }
            expect(running.length).toBeGreaterThan(0);
            landed.add(running.splice((seed + step) % running.length, 1)[0] as string);
          }
        }),
      );
    });
  }
});

describe('dependentsOf', () => {
  test('names all who wait, directly or through others', () => {
    const nodes = [node('a'), node('b', 'a'), node('c', 'b'), node('d', 'c', 'x'), node('x')];
    expect(dependentsOf(nodes, ['b'])).toEqual(['c', 'd']);
    expect(dependentsOf(nodes, ['x', 'c'])).toEqual(['d']);
    expect(dependentsOf(nodes, ['d'])).toEqual([]);
  });
});

describe('criticalPath', () => {
  test('is the longest chain, or the heaviest with weights', () => {
    const nodes = [node('a'), node('b', 'a'), node('c', 'b'), node('x')];
    expect(criticalPath(nodes)).toEqual({ ids: ['a', 'b', 'c'], length: 3 });
    expect(criticalPath(nodes, (id) => (id === 'x' ? 10 : 1))).toEqual({ ids: ['x'], length: 10 });
    expect(criticalPath([])).toEqual({ ids: [], length: 0 });
  });

  test('property: is a chain as long as there are waves, and its length the highest rank', () => {
    fc.assert(
      fc.property(dag, (nodes) => {
        const { ids, length } = criticalPath(nodes);
        expect(ids).toHaveLength(waves(nodes).length);
        expect(length).toBe(Math.max(...upwardRank(nodes).values()));
        ids.slice(1).forEach((id, index) => {
          expect(nodes.find((each) => each.id === id)?.needs).toContain(ids[index]);
        });
      }),
    );
  });
});
