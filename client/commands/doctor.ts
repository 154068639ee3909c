import type { Command } from 'commander';
import type { Patient } from '../../deploy/doctor/patient.ts';
import { InputRejected } from '../../deploy/input/rejected.ts';
import { type Finding, worstOf } from '../../workflows/domain/finding.ts';
import { type Answer, printLines } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { exitCode } from '../exitCodes.ts';
import { findTown, type Place } from '../places.ts';
import { findingLines, findingsSummary } from '../render/findings.ts';
import { terminalOf } from '../render/terminal.ts';
import { ClientError } from '../trouble.ts';

interface Options {
  readonly fix?: boolean;
  readonly quick?: boolean;
}

export const addDoctor = (program: Command): void => {
  program
    .command('doctor')
    .summary('what is wrong, and the command that mends it')
    .description(
      'Looks at all that a town needs: this machine, the configuration, Temporal, hosts and their models (with a real ' +
        'generation), rigs (repositories) and whether their gates are green now. Each finding says what, the evidence, ' +
        'and the command that mends it. Ends with 1 when something does not work. Nothing is pushed, and while the town ' +
        'is open no model is loaded.',
    )
    .option('--fix', 'mend what is safe to mend: leftovers of a killed town, namespace, search attributes')
    .option('--quick', 'without gates and generations: seconds instead of minutes')
    .addHelpText('after', '\nExamples:\n  gt doctor\n  gt doctor --quick --json\n  gt doctor --fix')
    .action(answering(doctor));
};

const doctor = async (call: Call<Options>): Promise<Answer> => {
  const { fix = false, quick = false, json = false } = call.options;
  const { examine } = await import('../../deploy/doctor/examine.ts');
  const terminal = terminalOf(process.stdout);
  const findings: Finding[] = [];
  // Gates and models may take minutes, in which a person would think that nothing happens.
  const slow = process.stderr.isTTY
    ? setTimeout(() => process.stderr.write(`${patience(quick)}\n`), quietMs).unref()
    : undefined;
  for await (const finding of examine(await patientOf(call), { thorough: !quick, fix })) {
    findings.push(finding);
    slow?.refresh();
    // Gates may take minutes: what is known is told at once.
    if (!json) printLines(findingLines(finding, terminal));
  }
  clearTimeout(slow);
  const worst = worstOf(findings);
  return {
    data: findings,
    meta: { worst, count: findings.length },
    lines: () => ['', findingsSummary(findings, terminal)],
    code: worst === 'fail' ? exitCode.failed : exitCode.ok,
  };
};

const quietMs = 8_000;

const patience = (quick: boolean): string =>
  `Still looking${quick ? '' : ': models are loaded and gates run now (--quick leaves these out)'} …`;

/** A stranger without a town, or with mistakes in its configuration, is looked at as far as that goes. */
const patientOf = async ({ options }: Call<Options>): Promise<Patient> => {
  const { isOpen } = await import('../../deploy/doctor/examine.ts');
  const place = await findTown(options).catch(absent);
  const { config, home, record, fault } = place;
  return { config, home, record, faults: fault?.faults ?? [], open: await isOpen(record), env: process.env };
};

type Found = Pick<Place, 'config' | 'record' | 'fault'> & { readonly home: string | undefined };

const absent = (error: unknown): Found => {
  const nothing = { config: undefined, home: undefined, record: undefined };
  if (error instanceof InputRejected) return { ...nothing, fault: error };
  if (error instanceof ClientError && error.trouble.type === 'NoTown')
    return { ...nothing, fault: undefined };
  throw error;
};
