import type { ModelTrouble } from './hostReport.ts';
import type { FleetHostStatus } from './status.ts';

/** What a person has asked of a host that it does not hold, since these cannot be loaded; empty where their word is kept. */
export const notKept = ({ report, steering, lost }: FleetHostStatus): readonly string[] => {
  const wanted = steering.pinned ?? steering.asked?.models ?? [];
  if (lost || report.away !== undefined || steering.drained) return [];
  const troubled = new Set([...report.refused, ...(report.troubles ?? []).map(({ model }) => model)]);
  return wanted.filter((model) => !report.open.includes(model) && troubled.has(model));
};

/**
 * What is wrong with models of a host, a line for each: why it does not serve them, when it tries again, and what that means for what
 * a person has asked. `when` says a moment as its reader would. Holds words of servers.
 */
export const troubleTexts = (host: FleetHostStatus, when: (at: number) => string): readonly string[] => {
  const { report, steering, lost } = host;
  if (lost || report.away !== undefined) return [];
  const troubles = report.troubles ?? [];
  const asked = notKept(host);
  const word = steering.pinned === undefined ? 'order to load' : 'pin of';
  const others = report.refused.filter((key) => !troubles.some(({ model }) => model === key));
  return [
    ...troubles.map((trouble) =>
      [
        asked.includes(trouble.model)
          ? `${report.host}: the ${word} ${trouble.model} is not kept: ${trouble.what}`
          : `${report.host} does not serve ${trouble.model}: ${trouble.what}`,
        retryText(host, trouble, when),
        ...(asked.includes(trouble.model) ? [meanwhileText(host)] : []),
      ].join(' '),
    ),
    ...(others.length === 0
      ? []
      : [
          `${report.host} does not serve ${others.join(', ')}: see \`gt status\` for why` +
            `${others.some((model) => asked.includes(model)) ? `; until then the ${word} it is not kept` : ''}`,
        ]),
  ];
};

const retryText = (
  { report }: FleetHostStatus,
  { model, tries = 0, nextAt }: ModelTrouble,
  when: (at: number) => string,
): string => {
  if (nextAt === undefined) return 'Somebody has to mend that: see `gt status`.';
  const tried = tries > 1 ? `Tried ${tries} times; ` : '';
  if (report.swap?.to.includes(model) === true) return sentence(`${tried}it is being tried again now.`);
  return sentence(
    report.refused.includes(model)
      ? `${tried}next try ${when(nextAt)}.`
      : `${tried}next try as soon as it is wanted.`,
  );
};

const meanwhileText = ({ report }: FleetHostStatus): string => {
  const { open, swap } = report;
  if (open.length > 0) return `Until then it serves ${open.join(', ')}.`;
  const to = swap?.to ?? [];
  return to.length > 0 && swap?.phase !== 'drain'
    ? `It loads ${to.join(', ')} now.`
    : 'Until then it goes on with what has work.';
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
