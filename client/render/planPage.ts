import { planText, planView } from '../../deploy/plan/index.ts';
import { moneyText } from '../../workflows/domain/budget/money.ts';
import { totalTokens } from '../../workflows/domain/host/model.ts';
import type { PlanFinding } from '../../workflows/domain/plan/planLint.ts';
import type { PlanStatus, Shown } from '../../workflows/domain/plan/planning.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { DraftedPlan } from '../plan/draftedPlan.ts';
import { amount, counted, duration } from './amounts.ts';
import { toReader } from './overseer.ts';
import { cut, type Terminal, wrap } from './terminal.ts';
import { troubleLines } from './troubleLines.ts';

/** A plan with what comes next. */
export const planPage = (drafted: DraftedPlan, terminal: Terminal): readonly string[] => [
  ...planBody(drafted, terminal),
  ...wrap(stateLine(drafted.status), terminal.width),
];

/** A plan as a person decides on it: waves and critical path, what the lint says, what it will cost, what left the machine. */
export const planBody = (drafted: DraftedPlan, terminal: Terminal): readonly string[] => {
  const { status, plan } = drafted;
  return [
    ...(plan === undefined
      ? [terminal.paint('bold', `Plan ${status.convoy}: ${oneLine(status.title)}`)]
      : planText(planView(plan))
          .split('\n')
          .map((line, index) => paintedPlan(cut(line, terminal.width), index, terminal))),
    '',
    ...madeBy(status).flatMap((line) => wrap(line, terminal.width)),
    ...lintLines(status.draft?.findings ?? [], terminal),
    ...forecastLines(drafted),
    ...(plan === undefined ? [] : [`What each task says: \`gt plan show ${status.convoy} --yaml\``]),
    ...(status.failure === undefined ? [] : ['', ...troubleLines(status.failure, terminal)]),
    ...(status.waiting === undefined || status.state !== 'drafting'
      ? []
      : ['', ...troubleLines(status.waiting, terminal)]),
    '',
  ];
};

/** What happens while a plan is drafted, for the person who waits. */
export const stepLine = ({
  step,
  turns,
  mayor,
  rig,
  cloud,
  shown,
  repaired,
}: PlanStatus): string | undefined => {
  const who = oneLine(mayor, 60);
  if (step === 'reading') return `Reading rig ${rig} for the mayor (${who}) …`;
  if (step === 'checking') return 'Checking the plan …';
  if (step !== 'asking') return;
  if (turns > 1) return `The plan had ${counted(repaired.length, 'mistake')}; the mayor repairs it …`;
  const leaves = cloud && shown !== undefined ? `, and is shown ${shownText(shown)}` : '';
  return `The mayor (${who}) plans${leaves} …`;
};

const paintedPlan = (line: string, index: number, terminal: Terminal): string =>
  index === 0 || /^Epic /.test(line) ? terminal.paint('bold', line) : line;

const madeBy = (status: PlanStatus): string[] => {
  const { mayor, epicFile, rig, turns, usage, shown, cloud, repaired } = status;
  const by = `Drafted by ${oneLine(mayor, 60)} from ${oneLine(epicFile, 200)} for rig ${rig}: ${counted(turns, 'turn')}, ${amount(totalTokens(usage))} tokens${usage.money === undefined ? '' : `, ${moneyText(usage.money, status.currency)}`}.`;
  return [
    by,
    ...(cloud && shown !== undefined ? [`What left this machine: ${shownText(shown)}, and the epic.`] : []),
    ...(repaired.length > 0
      ? [
          `The first reply had ${counted(repaired.length, 'mistake')}, such as: ${oneLine(repaired[0] ?? '', 160)}`,
        ]
      : []),
  ];
};

const shownText = ({ paths, outlined, whole }: Shown): string =>
  `${counted(paths, 'path')}, the names in ${counted(outlined, 'file')}` +
  (whole.length === 0
    ? ''
    : `, ${counted(whole.length, 'file')} in full (${oneLine(whole.slice(0, 4).join(', '), 120)}${whole.length > 4 ? ', …' : ''})`);

const lintLines = (findings: readonly PlanFinding[], terminal: Terminal): readonly string[] => {
  if (findings.length === 0) return [];
  return [
    '',
    terminal.paint('bold', 'Worth a look:'),
    ...findings.flatMap(({ level, bead, text }) => {
      const line = `${level === 'alarm' ? '!' : '-'} ${bead === undefined ? '' : `${bead}: `}${oneLine(text, 300)}`;
      return wrap(line, terminal.width).map((part) =>
        terminal.paint(level === 'alarm' ? 'red' : 'yellow', part),
      );
    }),
  ];
};

const forecastLines = ({ forecast, plan }: DraftedPlan): readonly string[] => {
  if (plan === undefined) return [];
  if (forecast === undefined) return ['', 'Forecast: none yet; this town has seen too few beads.'];
  const { turns, tokens, ms, from } = forecast;
  return [
    '',
    `Forecast: about ${counted(turns, 'turn')}, ${amount(tokens)} tokens, ${duration(ms)} (by ${counted(from, 'bead')} so far).`,
  ];
};

const stateLine = ({ state, convoy, reason, until }: PlanStatus): string => {
  switch (state) {
    case 'drafting':
      return `It is being drafted. Next: \`gt plan show ${convoy}\``;
    case 'waiting':
      return `It waits for you${until === undefined ? '' : `; once approved it runs until the next ${until.clock}`}. Next: \`gt plan approve ${convoy}\`, or edit, or reject`;
    case 'launched':
      return `It was launched. Next: \`gt convoy status ${convoy}\``;
    case 'rejected':
      return `It was rejected${reason === undefined ? '' : `: ${toReader(oneLine(reason, 200))}`}`;
    case 'failed':
      return 'It failed; nothing was started.';
  }
};
