import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allowedHostOf,
  isAllowed,
  isNamedLiterally,
  matchesEntry,
  networkWords,
  ownServices,
} from '../../../../workflows/domain/sandbox/network.ts';

const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const port = fc.integer({ min: 1, max: 65_535 });

describe('the list of hosts of a rig', () => {
  test('takes names, wildcards, addresses and ports, and nothing else', () => {
    expect(allowedHostOf('Registry.Example.org')).toEqual({ host: 'registry.example.org', port: undefined });
    expect(allowedHostOf('*.example.org:8443')).toEqual({ host: '*.example.org', port: 8443 });
    expect(allowedHostOf('[fd00::2]:80')).toEqual({ host: 'fd00::2', port: 80 });
    expect(allowedHostOf('*')).toEqual({ host: '*', port: undefined });
    for (const wrong of [
      ...[
        '',
        ' ',
        'https://example.org',
        'example.org/',
        'user@example.org',
        'a b',
        'exa*mple.org',
        '*.*.org',
        '**',
      ],
      ...[
        'example.org:0',
        'example.org:70000',
        'example.org:x',
        'fd00::2',
        '*example.org',
        '.example.org',
        'a..b',
      ],
      ...['example.org:443\n', 'ex\u0430mple.org ', '-x.org'],
    ]) {
      expect(allowedHostOf(wrong), wrong).toBeUndefined();
    }
  });

  test('G9: an entry means its host and no other, on its port or on those of the web', () => {
    fc.assert(
      fc.property(name, name, port, port, (listed, asked, one, other) => {
        expect(matchesEntry(listed, asked, 443)).toBe(listed === asked);
        expect(matchesEntry(`${listed}:${one}`, asked, other)).toBe(listed === asked && one === other);
        expect(matchesEntry(listed, listed, other)).toBe(other === 80 || other === 443);
        expect(matchesEntry(listed, `${asked}.${listed}`, 443)).toBe(false);
      }),
    );
  });

  test('G9: a wildcard means what is below its name: neither the name nor one that only ends like it', () => {
    fc.assert(
      fc.property(name, label, (base, below) => {
        expect(matchesEntry(`*.${base}`, `${below}.${base}`, 443)).toBe(true);
        expect(matchesEntry(`*.${base}`, `${below}.${base}.`, 443)).toBe(true);
        expect(matchesEntry(`*.${base}`, base, 443)).toBe(false);
        expect(matchesEntry(`*.${base}`, `x${base}`, 443)).toBe(base.startsWith('x') && false);
        expect(matchesEntry(`*.${base}`, `${base}.evil.org`, 443)).toBe(
          `${base}.evil.org`.endsWith(`.${base}`),
        );
      }),
    );
  });

  test('names are compared without regard to case and to a dot at the end', () => {
    expect(matchesEntry('Example.org', 'EXAMPLE.ORG.', 443)).toBe(true);
  });

  test('a rule is nothing, all, the machine or the list', () => {
    expect(isAllowed(false, 'example.org', 443)).toBe(false);
    expect(isAllowed([], 'example.org', 443)).toBe(false);
    expect(isAllowed(true, 'example.org', 8080)).toBe(true);
    expect(isAllowed(['example.org'], 'example.org', 443)).toBe(true);
    expect(isAllowed(['example.org'], 'example.com', 443)).toBe(false);
    expect(isAllowed(['*'], 'example.com', 25)).toBe(false);
  });

  test('only an entry without a wildcard names a host itself', () => {
    expect(isNamedLiterally(['*', '*.0.0.1', '*:80'], '127.0.0.1', 80)).toBe(false);
    expect(isNamedLiterally(['127.0.0.1:80'], '127.0.0.1', 80)).toBe(true);
    expect(isNamedLiterally(true, '127.0.0.1', 80)).toBe(false);
  });

  test('services of this machine have a port of their own inside', () => {
    expect(
      ownServices(['localhost:5432', 'example.org:1', '127.0.0.1:6379', '[::1]:7', 'localhost']),
    ).toEqual(['localhost:5432', '127.0.0.1:6379', '[::1]:7']);
    expect(ownServices(true)).toEqual([]);
  });

  test('is said in words', () => {
    expect(networkWords(false)).toBe('no network');
    expect(networkWords(['a.org', 'b.org:1'])).toBe('by HTTP and HTTPS a.org, b.org:1');
  });
});
