import { count, type Reader } from './outputText.ts';
import { reportOf } from './testReport.ts';

const target = /^ +Running (?:unittests )?\S.* \(\S*?(?<name>[\w-]+)-[0-9a-f]{8,}(?:\.exe)?\)$/;
const sum = /^test result: (?:ok|FAILED)\. (?<passed>\d+) passed; (?<failed>\d+) failed;/;

/** `cargo test`: the second list of failures of each target, just above its result. */
export const readCargoTest: Reader = ({ lines, cut }) => {
  const names = new Set<string>();
  let [ran, failed] = [0, 0];
  let [known, listing, gaveUp, wentOn] = [false, false, false, false];
  let where: string | undefined;
  let list: string[] = [];
  for (const line of lines) {
    if (/^ +Doc-tests /.test(line)) where = undefined;
    where = target.exec(line)?.groups?.name ?? where;
    if (line === 'failures:') [listing, list] = [true, []];
    else if (listing && /^ {4}\S/.test(line)) list.push(line.trim());
    else listing = false;
    // Without `--no-fail-fast` the targets after a red one are not tested.
    if (/^error: (?:doc)?test failed, to rerun pass/.test(line)) gaveUp = true;
    if (/^error: \d+ targets? failed:$/.test(line)) wentOn = true;
    const result = sum.exec(line)?.groups;
    if (result === undefined) continue;
    known = true;
    for (const name of list) names.add(where === undefined ? name : `${where} > ${name}`);
    list = [];
    failed += count(result.failed);
    ran += count(result.passed) + count(result.failed);
  }
  return known ? reportOf({ ran, names, failed, partial: cut || (gaveUp && !wentOn) }) : undefined;
};
