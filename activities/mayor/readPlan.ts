import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lintPlan } from '../../workflows/domain/plan/planLint.ts';
import type { PlanDraft } from '../../workflows/domain/plan/planning.ts';
import { oneLine, plainLines } from '../../workflows/domain/text.ts';
import type { CheckPlan, ComposedPrompt, PlanReading, PlanRigPort, ReadPlan } from '../../workflows/ports.ts';
import { jsonIn } from '../models/jsonIn.ts';
import { readPrompt } from '../models/prompt.ts';
import { estimateTokens } from '../models/tokens.ts';
import { listFiles } from '../polecat/promptFiles.ts';
import { fillTemplate, loadTemplate, templateHash } from '../polecat/template.ts';
import { inFence, masked } from '../polecat/untrusted.ts';
import type { Rig } from '../rig/index.ts';
import type { MayorDeps } from './deps.ts';
import { planText } from './planText.ts';
import { planReply, shapeFaults } from './replyShape.ts';

const mostFaults = 20;
/** More of a bad reply than this only fills the context of the repair. */
const mostEcho = 12_000;

/** Makes plans of replies and of texts that people edited: checked as any plan, looked at by the lint, and saved. */
export const createPlanReading = (
  deps: MayorDeps,
  rigOf: (name: string) => Rig,
): Pick<PlanRigPort, 'readPlan' | 'checkPlan' | 'compilePlan'> => {
  const judged = async (
    text: string,
    of: Pick<CheckPlan, 'convoy' | 'rig' | 'commit'> & Pick<ReadPlan, 'unsaved'>,
  ): Promise<Judged> => {
    const read = deps.plans.read(text, `${of.convoy}.yaml`);
    if ('faults' in read) return { faults: read.faults.slice(0, mostFaults) };
    const others = read.rigs.filter((rig) => rig !== of.rig);
    if (others.length > 0) return { faults: [`the plan is for rig ${of.rig}, not for ${others.join(', ')}`] };
    const { repo, settings } = rigOf(of.rig);
    const paths = of.commit === '' ? undefined : await listFiles(repo, of.commit, settings.sparse);
    const findings = lintPlan(read.beads, { paths });
    if (!of.unsaved) await savePlan(deps.home.root, of.convoy, text);
    const planRef = await deps.blobs.put(text);
    const { planHash, title, beads } = read;
    return { draft: { planRef, planHash, title, beads: beads.length, findings } };
  };

  return {
    async readPlan(request) {
      const reply = await deps.blobs.get(request.replyRef);
      const faultsOf = (faults: readonly string[]) => refused(deps, request, reply, faults);
      const found = jsonIn(reply);
      if ('fault' in found) return faultsOf([cutOr(request, found.fault)]);
      const shape = planReply.safeParse(found.value);
      if (!shape.success) return faultsOf(shapeFaults(shape.error, mostFaults));
      const result = await judged(planText(shape.data, request), request);
      return 'faults' in result ? faultsOf(result.faults) : { outcome: 'plan', draft: result.draft };
    },

    async checkPlan(request) {
      const result = await judged(await deps.blobs.get(request.planRef), request);
      return 'faults' in result
        ? { outcome: 'refused', faults: result.faults, repair: undefined }
        : { outcome: 'plan', draft: result.draft };
    },

    async compilePlan({ convoy, planRef, settings }) {
      const text = await deps.blobs.get(planRef);
      return deps.plans.compile(text, { convoy, settings, putBlob: (task) => deps.blobs.put(task) });
    },
  };
};

type Judged = { readonly faults: readonly string[] } | { readonly draft: PlanDraft };

const cutOr = ({ finish }: ReadPlan, fault: string): string =>
  finish === 'length'
    ? `the reply was cut before its end because it was too long: write shorter tasks, or fewer beads (${fault})`
    : fault;

/** The conversation so far, the reply, and what is wrong with it. */
const refused = async (
  deps: MayorDeps,
  request: ReadPlan,
  reply: string,
  faults: readonly string[],
): Promise<PlanReading> => {
  const lines = faults.map((fault) => oneLine(fault, 300));
  return { outcome: 'refused', faults: lines, repair: await repairPrompt(deps, request, reply, lines) };
};

const repairPrompt = async (
  { blobs }: MayorDeps,
  { promptRef }: ReadPlan,
  reply: string,
  faults: readonly string[],
): Promise<ComposedPrompt> => {
  const template = loadTemplate('repair.md', import.meta.url);
  const before = readPrompt(await blobs.get(promptRef), promptRef);
  const echo = masked(plainLines(reply)).slice(0, mostEcho).trim();
  const list = faults.map((fault) => `- ${fault}`).join('\n');
  const messages = [
    ...before,
    { role: 'assistant' as const, content: echo === '' ? '(nothing)' : echo },
    { role: 'user' as const, content: fillTemplate(template, { faults: inFence(masked(list), '') }) },
  ];
  const chars = messages.reduce((sum, { content }) => sum + content.length, 0);
  const prompt = { version: 1, template: templateHash([template]), messages };
  return { promptRef: await blobs.put(JSON.stringify(prompt)), estimatedTokens: estimateTokens(chars) };
};

/** Beside the blobs, where a person finds it by name; written whole or not at all. */
const savePlan = async (home: string, convoy: string, text: string): Promise<void> => {
  const path = join(home, 'plans', `${convoy}.yaml`);
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text);
  await rename(draft, path);
};
