import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { markdownText, oneLine, plain, plainLines } from '../../../workflows/domain/text.ts';

/** Text of the kind that hurts: escapes, controls, bidi marks and markdown between ordinary words. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\x1b[31m',
        '\x1b]0;owned\x07',
        '\x1b]8;;http://x\x1b\\',
        '\x9b2J',
        '\x9d0;x\x9c',
        '\x1bP1;2|',
        '\x1b',
        '\x1b(',
      ),
      fc.constantFrom(
        '\u202e',
        '\u2066',
        '\u200b',
        '\ufeff',
        '\u2028',
        '\u{e0041}',
        '\ud800',
        '\r\n',
        '\n',
        '\t',
        '\x00',
        '\x7f',
        '\x85',
      ),
      fc.constantFrom(
        '[a](http://b)',
        '![i](x)',
        '<img src=x>',
        '`code`',
        '**b**',
        '| c |',
        '@max',
        '# h',
        '- l',
        '1. n',
        '~~s~~',
        '&lt;',
        '$x$',
        'www.a.b',
      ),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const harmful = /(?![\n\t])[\p{Cc}\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/u;

describe('plain', () => {
  test('G9: takes whole terminal escapes away, not only their first character', () => {
    expect(plain('\x1b[1;31mred\x1b[0m')).toBe('red');
    expect(plain('\x1b]0;title\x07text')).toBe('text');
    expect(plain('\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\')).toBe('link');
    expect(plain('\x9b2Jcleared')).toBe('cleared');
    expect(plainLines('\x1b]0;never ends\nnext line')).toBe('\nnext line');
    expect(plain('a\x1bcb')).toBe('ab');
  });

  test('takes away what reorders or hides text, and keeps scripts and emoji', () => {
    expect(plain('abc\u202etxt.exe')).toBe('abctxt.exe');
    expect(plain('می\u200cخواهم 👩\u200d🚀 é')).toBe('می\u200cخواهم 👩\u200d🚀 é');
  });

  test('keeps newlines and tabs when lines are asked for', () => {
    expect(plainLines('a\r\n\tb\rc')).toBe('a\n\tbc');
    expect(plain('a\n\tb')).toBe('a  b');
  });

  test('property: holds no control character, and doing it again changes nothing', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(plainLines(text)).not.toMatch(harmful);
        expect(plain(text)).not.toMatch(/[\n\t]/);
        expect(plainLines(plainLines(text))).toBe(plainLines(text));
        expect(plain(plain(text))).toBe(plain(text));
      }),
      { numRuns: 500 },
    );
  });

  test('is quick on a flood', () => {
    const start = performance.now();
    plain('\x1b['.repeat(200_000));
    plain('\x1b]'.repeat(200_000));
    plain(`\x1b]${'x'.repeat(1_000_000)}`);
    plain(`\x1b[${'1;'.repeat(500_000)}`);
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});

describe('oneLine', () => {
  test('collapses spaces and cuts at a character, never through one', () => {
    expect(oneLine('  a \n\n b\t c ')).toBe('a b c');
    expect(oneLine('👩👩👩👩', 3)).toBe('👩👩…');
    expect(oneLine('abc', 3)).toBe('abc');
  });

  test('property: has no line break and at most so many characters, and is idempotent', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 40 }), (text, max) => {
        const line = oneLine(text, max);
        expect([...line].length).toBeLessThanOrEqual(max);
        expect(line).not.toMatch(harmful);
        expect(line).not.toContain('\n');
        expect(oneLine(line, max)).toBe(line);
      }),
    );
  });
});

describe('markdownText', () => {
  test('G9: leaves nothing live', () => {
    expect(markdownText('[a](http://b) ![i](x)')).toBe('\\[a\\](http\u2060://b) !\\[i\\](x)');
    expect(markdownText('<img src=x onerror=y>')).toBe('&lt;img src=x onerror=y&gt;');
    expect(markdownText('a | b `c` **d** _e_ ~f~ \\|')).toBe(
      'a \\| b \\`c\\` \\*\\*d\\*\\* \\_e\\_ \\~f\\~ \\\\\\|',
    );
    expect(markdownText('# heading')).toBe('\\# heading');
    expect(markdownText('12. item')).toBe('12\\. item');
    expect(markdownText('- item\n- item')).toBe('\\- item - item');
    expect(markdownText('ask @max at www.example.com or mailto:a@b.c')).toBe(
      'ask @\u2060max at www\u2060.example.com or mailto\u2060:a@\u2060b.c',
    );
  });

  test('leaves ordinary words as they are', () => {
    expect(markdownText('Add src/lexer.ts: numbers, names (and more) - at once!')).toBe(
      'Add src/lexer.ts: numbers, names (and more) - at once!',
    );
  });

  test('property: every character that could start markdown is escaped', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        // A letter in the place of what is escaped: an escaped character is no start of a line.
        const bare = markdownText(text, 500).replaceAll(/\\[\\`*_[\]|~$#+=.)-]/g, 'x');
        expect(bare).not.toMatch(/[\\`*_[\]|~$<>\n]|@(?!\u2060)|https?:|^([-+#=]|\d+[.)])([-#=\s]|$)/);
      }),
      { numRuns: 500 },
    );
  });
});
