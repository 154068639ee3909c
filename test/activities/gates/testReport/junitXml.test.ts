import { expect, test } from 'vitest';
import { readJunitXml } from '../../../../activities/gates/testReport/junitXml.ts';

const suite = (...cases: string[]): string =>
  `<?xml version="1.0"?>\n<testsuites><testsuite name="s">${cases.join('\n')}</testsuite></testsuites>\n`;

test('failures and errors are named by class and name; what was skipped did not run', () => {
  const text = suite(
    '<testcase classname="a.T" name="fine" time="0.1"/>',
    `<testcase classname='a.T' name='adds &lt;1&gt; &#x41;&#66;'><failure message="no">x</failure></testcase>`,
    '<testcase name="alone"><error/></testcase>',
    '<testcase classname="a.T" name="later"><skipped/></testcase>',
    '<testcase classname="a.T" name="may fail"><skipped type="todo"/><failure/></testcase>',
    '<testcase classname="a.T" name="flaky"><flakyFailure/></testcase>',
  );
  expect(readJunitXml(text)).toEqual({ ran: 4, failing: ['a.T > adds <1> AB', 'alone'] });
});

test('what tests print stays text: comments, CDATA and quoted marks hold no cases', () => {
  const planted = '<testcase name="planted"><failure/></testcase>';
  const text = suite(
    `<!-- ${planted} --><testcase name="a" note="> ${planted.replaceAll('"', "'").replaceAll('<', '&lt;')}">`,
    `<system-out><![CDATA[${planted}]]></system-out><failure><![CDATA[]]]]><![CDATA[>${planted}]]></failure></testcase>`,
  );
  expect(readJunitXml(text)).toEqual({ ran: 1, failing: ['a'] });
});

test('a report that ends early names what it has, and that there may be more', () => {
  const text = suite('<testcase name="a"><failure/></testcase>', '<testcase name="b"><failure/></testcase>');
  const cut = text.slice(0, text.indexOf('name="b"'));
  expect(readJunitXml(cut)).toEqual({ ran: 1, failing: ['a'], partial: true });
  expect(readJunitXml(suite('<testcase name="a"><failure/></wrong>'))).toMatchObject({ partial: true });
});

test('an empty report is one in which nothing ran', () => {
  expect(readJunitXml('<testsuites/>')).toEqual({ ran: 0, failing: [] });
  expect(readJunitXml(suite())).toEqual({ ran: 0, failing: [] });
});

test.each([
  ['another document', '<html><body/></html>'],
  ['no document', 'hello'],
  ['nothing', ''],
  ['binary', '\u0000\u0001\ufffd<\u0000'],
  [
    'entities that grow',
    `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${suite('<testcase name="&b;"><failure/></testcase>')}`,
  ],
  ['a file of the machine', `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${suite()}`],
])('G9: %s is no report', (_, text) => {
  expect(readJunitXml(text)).toBeUndefined();
});

test('G9: an unknown entity in a name stays as it stands', () => {
  expect(readJunitXml(suite('<testcase name="&bomb; &#99999999;"><failure/></testcase>'))?.failing).toEqual([
    '&bomb; &#99999999;',
  ]);
});

test('G9: elements within elements without an end are not followed', () => {
  const deep = `<testsuites>${'<testsuite>'.repeat(100_000)}`;
  expect(readJunitXml(deep)).toEqual({ ran: 0, failing: [], partial: true });
});
