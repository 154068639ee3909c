import type { Command } from 'commander';
import type { Patient } from '../../deploy/doctor/patient.ts';
import { InputRejected } from '../../deploy/input/rejected.ts';
import type { Answer } from '../answer.ts';
import { answering, type Call } from '../call.ts';
import { findTown, type Place } from '../places.ts';
import { tellFindings } from '../tellFindings.ts';
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
  const patience = `Still looking${quick ? '' : ': models are loaded and gates run now (--quick leaves these out)'} …`;
  const patient = await patientOf(call);
  const checks = checksOf(patient);
  return await tellFindings(examine(patient, { thorough: !quick, fix }), { json, patience, checks });
};

/** Findings are told one by one, and their column must be wide enough from the first on. */
const checksOf = ({ config }: Patient): readonly string[] => [
  ...(config?.hosts ?? []).map(({ name }) => `host ${name}`),
  ...(config?.models ?? []).map(({ key }) => `model ${key}`),
  ...(config?.rigs ?? []).map(({ name }) => `gates ${name}`),
];

/** A stranger without a town, or with mistakes in its configuration, is looked at as far as that goes. */
const patientOf = async ({ options }: Call<Options>): Promise<Patient> => {
  const { isOpen } = await import('../../deploy/town/owner.ts');
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
