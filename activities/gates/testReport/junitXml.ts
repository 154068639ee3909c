import { reportOf, type TestReport } from './testReport.ts';
import { attributesOf, xmlTags } from './xmlTags.ts';

/** Elements within elements; a report has some five. */
const deepest = 60;

interface Case {
  readonly depth: number;
  readonly name: string;
  failed: boolean;
  skipped: boolean;
}

/**
 * A report in JUnit's XML: the failing cases, by class and name, without files and lines, which move. Undefined for what is no such
 * report, and for a document type: entities are the one thing of XML that grows. One that ends early names what it has.
 */
export const readJunitXml = (text: string): TestReport | undefined => {
  const names: string[] = [];
  const path: string[] = [];
  let [ran, ended] = [0, false];
  let now: Case | undefined;
  const settle = (): void => {
    if (now === undefined) return;
    if (!now.skipped) ran += 1;
    if (now.failed && !now.skipped) names.push(now.name);
    now = undefined;
  };
  for (const tag of xmlTags(text)) {
    if (tag.kind === 'broken') break;
    const { name } = tag;
    if (tag.kind === 'close') {
      if (path.pop() !== name) break;
      if (now?.depth === path.length) settle();
      ended = path.length === 0;
    } else {
      if (path.length === 0 && name !== 'testsuites' && name !== 'testsuite') return;
      if (name === 'testcase' && now === undefined)
        now = { depth: path.length, name: nameOf(tag.attributes), failed: false, skipped: false };
      else if (now !== undefined && (name === 'failure' || name === 'error')) now.failed = true;
      else if (now !== undefined && name === 'skipped') now.skipped = true;
      if (!tag.empty) path.push(name);
      else if (now?.depth === path.length && name === 'testcase') settle();
      ended = tag.empty && path.length === 0;
      if (path.length > deepest) break;
    }
    if (ended) break;
  }
  if (!ended && ran === 0 && path.length === 0) return;
  return reportOf({ ran, names, partial: !ended });
};

const nameOf = (attributes: string): string => {
  const { name = '', classname = '' } = attributesOf(attributes);
  if (classname === '' || name.startsWith(classname)) return name;
  return `${classname} > ${name}`;
};
